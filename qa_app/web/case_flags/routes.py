"""Pages of the flags on cases: what is flagged, a sheet looked at before it is stored, one child, the kinds."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qa_app import clock
from qa_app.domain.access import Permission
from qa_app.domain.case_flags import FlagValue
from qa_app.domain.errors import Conflict, Invalid, NotFound, QaError
from qa_app.domain.sheets import SheetKind
from qa_app.exchange.case_flags.reader import FlagSheet, read_flags
from qa_app.exchange.case_flags.template import FlagRow, flags_workbook
from qa_app.exchange.uploads import UploadedFile
from qa_app.extensions import db
from qa_app.queries.case_flags import (
    find_child,
    get_child_flags,
    get_flag_list,
    get_flags_page,
    get_kind,
    list_flag_rows,
    list_kinds,
    list_people_choices,
)
from qa_app.services import case_flag_sheets, case_flags, sheets
from qa_app.web.case_flags.forms import EndForm, FlagForm, KindForm, NewKindForm, SheetForm, with_kinds
from qa_app.web.shared.access import current_viewer, record_view, requires
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.template_filters import counted
from qa_app.web.shared.transactions import commits
from qa_app.web.shared.typed import plain

blueprint = Blueprint("case_flags", __name__, url_prefix="/case-flags")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NEEDS = {
    FlagValue.NOTHING: "Nothing more",
    FlagValue.GROUP: "The column Sibling group: a name or number of the group",
    FlagValue.PRACTITIONER: "The column Officer: the person's name",
}


@blueprint.get("")
@requires(Permission.SEE_CASELOAD)
def index() -> ResponseReturnValue:
    """What is flagged today, kind by kind, and the sheets it came from."""
    return render_template("case_flags/index.html", page=get_flags_page(current_viewer(), clock.today()))


@blueprint.get("/lists/<key>")
@requires(Permission.SEE_CASELOAD)
def list_of(key: str) -> ResponseReturnValue:
    """The children under one kind of flag."""
    page = get_flag_list(current_viewer(), key, clock.today(), request.args.get("page", 1, int))
    record_view("case_flags", 0)
    return render_template("case_flags/list.html", page=page)


@blueprint.get("/upload")
@requires(Permission.IMPORT_CASELOAD)
def upload() -> ResponseReturnValue:
    """The form for a sheet of flags."""
    return _upload_page(SheetForm(formdata=None))


@blueprint.post("/upload")
@requires(Permission.IMPORT_CASELOAD)
@commits
def take_upload() -> ResponseReturnValue:
    """Read a sheet and hold it, so that somebody can look before anything is kept."""
    viewer = current_viewer()
    form = SheetForm()
    _choose_kind(form)
    if not form.validate_on_submit():
        return _upload_page(form), 422
    sent = form.file.data
    if not sent:
        form.file.errors = ["File: choose the sheet to send"]
        return _upload_page(form), 422
    if form.as_at.data is None or form.as_at.data > clock.today():
        form.as_at.errors = ["As at: this day lies in the future"]
        return _upload_page(form), 422
    file = UploadedFile(sent.filename or "file", sent.read())
    kinds = {kind.key: kind.label for kind in list_kinds(viewer)}
    # Reading takes its time: the write lock that came with asking who is signed in is given back meanwhile.
    db.session.rollback()
    try:
        sheet = read_flags(file, kinds.get(form.kind.data, ""))
    except Invalid as refused:
        form.file.errors = [refused.message]
        return _upload_page(form), 422
    kept = sheets.keep_sheet(
        viewer,
        SheetKind.CASE_FLAGS,
        file.name,
        file.sha256,
        _content(sheet),
        at=clock.now(),
        as_at=form.as_at.data,
        replaces=form.mode.data == "replace",
    )
    return redirect(url_for("case_flags.preview", sheet_id=kept.id))


@blueprint.get("/sheets/<int:sheet_id>")
@requires(Permission.IMPORT_CASELOAD)
def preview(sheet_id: int) -> ResponseReturnValue:
    """What a sheet would change, before anything is kept."""
    viewer = current_viewer()
    sheet = sheets.get_sheet(viewer, SheetKind.CASE_FLAGS, sheet_id, at=clock.now())
    if sheet.as_at is None:
        raise NotFound
    page = case_flag_sheets.preview_flags(
        viewer,
        case_flag_sheets.READ_FLAGS.validate_python(sheet.content["flags"]),
        sheet.as_at,
        sheet.replaces,
        sheet.content.get("said", {}),
    )
    record_view("case_flags", 0)
    return render_template(
        "case_flags/preview.html",
        page=page,
        sheet=sheet,
        faults=case_flag_sheets.FAULTS.validate_python(sheet.content["faults"]),
    )


@blueprint.post("/sheets/<int:sheet_id>/answers")
@requires(Permission.IMPORT_CASELOAD)
@commits
def answer(sheet_id: int) -> ResponseReturnValue:
    """Keep what was said about the doubts of a sheet, and look again."""
    said = {
        name: plain(value) or ""
        for name, value in request.form.items()
        if name.startswith(("kind-", "person-"))
    }
    sheets.answer_sheet(current_viewer(), SheetKind.CASE_FLAGS, sheet_id, said, at=clock.now())
    return redirect(url_for("case_flags.preview", sheet_id=sheet_id))


@blueprint.post("/sheets/<int:sheet_id>/store")
@requires(Permission.IMPORT_CASELOAD)
@commits
def store(sheet_id: int) -> ResponseReturnValue:
    """Keep a sheet that was looked at."""
    viewer = current_viewer()
    sheet = sheets.get_sheet(viewer, SheetKind.CASE_FLAGS, sheet_id, at=clock.now())
    if sheet.as_at is None:
        raise NotFound
    try:
        upload, _ = case_flag_sheets.store_flags(
            viewer,
            case_flag_sheets.READ_FLAGS.validate_python(sheet.content["flags"]),
            sheet.as_at,
            sheet.replaces,
            sheet.content.get("said", {}),
            sheet.file_sha256,
            at=clock.now(),
            n_faults=len(sheet.content["faults"]),
            seen=request.form.get("seen", ""),
        )
    except (Conflict, Invalid) as refused:
        db.session.rollback()
        flash(f"Nothing was stored. {refused.message}", "error")
        return redirect(url_for("case_flags.preview", sheet_id=sheet_id))
    sheets.drop_sheet(viewer, SheetKind.CASE_FLAGS, sheet_id, at=clock.now())
    flash(
        f"Stored: {counted(upload.n_new, 'new flag')}, {upload.n_ended:,} ended, "
        f"{upload.n_unchanged:,} unchanged, {counted(upload.n_left_out, 'row')} left out.",
        "success",
    )
    return redirect(url_for("case_flags.index"))


@blueprint.post("/sheets/<int:sheet_id>/leave")
@requires(Permission.IMPORT_CASELOAD)
@commits
def leave(sheet_id: int) -> ResponseReturnValue:
    """Let go of a sheet that waits."""
    sheets.drop_sheet(current_viewer(), SheetKind.CASE_FLAGS, sheet_id, at=clock.now())
    flash("The sheet was left; nothing was kept of it.", "note")
    return redirect(url_for("case_flags.index"))


@blueprint.get("/sheet.xlsx")
@requires(Permission.IMPORT_CASELOAD)
def template() -> ResponseReturnValue:
    """The sheet to fill in, with the flags that hold today."""
    viewer = current_viewer()
    rows = [FlagRow(*row) for row in list_flag_rows(viewer, clock.today())]
    kinds = [(kind.label, NEEDS[kind.value_kind]) for kind in list_kinds(viewer) if kind.is_in_use]
    record_view("case_flags", 0, what="export")
    return Response(
        flags_workbook(rows, kinds),
        mimetype=XLSX,
        headers={"Content-Disposition": "attachment; filename=case-flags.xlsx"},
    )


@blueprint.post("/find")
@requires(Permission.SEE_CASELOAD)
@commits
def find() -> ResponseReturnValue:
    """The page of the child with a reference; the reference is sent, never part of an address."""
    try:
        child_id = find_child(current_viewer(), (plain(request.form.get("ref")) or "")[:200])
    except NotFound as refused:
        flash(refused.message, "warning")
        return redirect(url_for("case_flags.index"))
    return redirect(url_for("case_flags.child", child_id=child_id))


@blueprint.get("/children/<int:child_id>")
@requires(Permission.SEE_CASELOAD)
def child(child_id: int) -> ResponseReturnValue:
    """The flags of one child."""
    return _child_page(child_id)


@blueprint.post("/children/<int:child_id>")
@requires(Permission.IMPORT_CASELOAD)
@commits
def raise_flag(child_id: int) -> ResponseReturnValue:
    """Raise a flag on one child."""
    viewer = current_viewer()
    form = with_kinds(FlagForm(), list_kinds(viewer), list_people_choices(viewer))
    if not form.validate_on_submit() or form.starts_on.data is None:
        return _child_page(child_id, form), 422
    try:
        case_flags.raise_flag(
            viewer,
            child_id,
            form.kind.data,
            form.starts_on.data,
            form.reason.data,
            at=clock.now(),
            value=form.value.data or "",
            practitioner_id=form.practitioner.data,
        )
    except (Invalid, Conflict) as refused:
        _tell(form, refused, "kind")
        return _child_page(child_id, form), refused.status
    flash("The flag was raised.", "success")
    return redirect(url_for("case_flags.child", child_id=child_id))


@blueprint.get("/children/<int:child_id>/flags/<int:flag_id>/end")
@requires(Permission.IMPORT_CASELOAD)
def ending(child_id: int, flag_id: int) -> ResponseReturnValue:
    """The form to end one flag."""
    return _end_page(child_id, flag_id, EndForm(data={"ends_on": clock.today()}))


@blueprint.post("/children/<int:child_id>/flags/<int:flag_id>/end")
@requires(Permission.IMPORT_CASELOAD)
@commits
def end_flag(child_id: int, flag_id: int) -> ResponseReturnValue:
    """End one flag."""
    form = EndForm()
    _end_page(child_id, flag_id, form)  # a flag of another child is not found
    if not form.validate_on_submit() or form.ends_on.data is None:
        return _end_page(child_id, flag_id, form), 422
    try:
        case_flags.end_flag(
            current_viewer(), flag_id, form.ends_on.data, form.end_reason.data, at=clock.now()
        )
    except (Invalid, Conflict) as refused:
        _tell(form, refused, "ends_on")
        return _end_page(child_id, flag_id, form), refused.status
    flash("The flag was ended.", "success")
    return redirect(url_for("case_flags.child", child_id=child_id))


@blueprint.get("/kinds")
@requires(Permission.SEE_CASELOAD)
def kinds() -> ResponseReturnValue:
    """The kinds of flag, and what each does to a draw."""
    return render_template("case_flags/kinds.html", page=get_flags_page(current_viewer(), clock.today()))


@blueprint.get("/kinds/new")
@requires(Permission.IMPORT_CASELOAD)
def new_kind() -> ResponseReturnValue:
    """The form for a kind of the council's own."""
    return _kind_page("Add a kind of flag", NewKindForm(formdata=None))


@blueprint.post("/kinds/new")
@requires(Permission.IMPORT_CASELOAD)
@commits
def add_kind() -> ResponseReturnValue:
    """Add a kind of the council's own."""
    form = NewKindForm()
    if form.validate_on_submit():
        try:
            row = case_flags.add_kind(
                current_viewer(),
                form.label.data,
                FlagValue(form.value_kind.data),
                form.excludes.data,
                at=clock.now(),
            )
        except Invalid as refused:
            _tell(form, refused, "label")
        else:
            flash(f"{row.label} was added.", "success")
            return redirect(url_for("case_flags.kinds"))
    return _kind_page("Add a kind of flag", form), 422


@blueprint.get("/kinds/<key>")
@requires(Permission.IMPORT_CASELOAD)
def kind(key: str) -> ResponseReturnValue:
    """The form of one kind."""
    one = get_kind(current_viewer(), key)
    form = KindForm(data={"label": one.label, "excludes": one.excludes, "is_in_use": one.is_in_use})
    return _kind_page(one.label, form)


@blueprint.post("/kinds/<key>")
@requires(Permission.IMPORT_CASELOAD)
@commits
def change_kind(key: str) -> ResponseReturnValue:
    """Say how a kind is called, what it does to a draw and whether it is used."""
    viewer = current_viewer()
    one = get_kind(viewer, key)
    form = KindForm()
    if form.validate_on_submit():
        try:
            row = case_flags.change_kind(
                viewer, key, form.label.data, form.excludes.data, form.is_in_use.data, at=clock.now()
            )
        except Invalid as refused:
            _tell(form, refused, "label")
        else:
            flash(f"{row.label} was saved.", "success")
            return redirect(url_for("case_flags.kinds"))
    return _kind_page(one.label, form), 422


def _choose_kind(form: SheetForm) -> None:
    kinds = list_kinds(current_viewer())
    form.kind.choices = [("", "The file says it"), *((one.key, one.label) for one in kinds if one.is_in_use)]


def _upload_page(form: SheetForm) -> str:
    _choose_kind(form)
    return render_template("case_flags/upload.html", form=form)


def _content(sheet: FlagSheet) -> dict[str, object]:
    return {
        "flags": case_flag_sheets.READ_FLAGS.dump_python(sheet.flags, mode="json"),
        "faults": case_flag_sheets.FAULTS.dump_python(sheet.faults, mode="json"),
        "unused": list(sheet.unused),
        "n_rows": sheet.n_rows,
    }


def _child_page(child_id: int, form: FlagForm | None = None) -> str:
    viewer = current_viewer()
    page = get_child_flags(viewer, child_id, clock.today())
    if form is None and page.may_change:
        form = FlagForm(formdata=None, data={"starts_on": clock.today()})
        with_kinds(form, list_kinds(viewer), list_people_choices(viewer))
    record_view("child", child_id)
    more = {} if form is None else {"form": form}
    return render_template("case_flags/child.html", page=page, may_raise=form is not None, **more)


def _end_page(child_id: int, flag_id: int, form: EndForm) -> str:
    page = get_child_flags(current_viewer(), child_id, clock.today())
    flag = next((one for one in (*page.in_force, *page.others) if one.flag_id == flag_id), None)
    if flag is None:
        raise NotFound
    record_view("child", child_id)
    return render_template("case_flags/end.html", page=page, flag=flag, form=form)


def _kind_page(heading: str, form: KindForm) -> str:
    return render_template("case_flags/kind.html", heading=heading, form=form)


def _tell(form: BaseForm, refused: QaError, usual: str) -> None:
    name = getattr(refused, "field", usual) or usual
    form[name if name in form else usual].errors = [refused.message]
