"""The forms about reports in preparation: their cover, and the safeguarding statement."""

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from qa_app.domain.boards import Marking
from qa_app.services.boards_reports import Cover
from qa_app.web.shared.base_form import BaseForm
from qa_app.web.shared.date_fields import DayField
from qa_app.web.shared.typed import chosen, plain


class CoverForm(BaseForm):
    """What stands on the cover of a report."""

    board = SelectField("Board", choices={}, validate_choice=False)
    plan = SelectField("Improvement plan", choices={}, validate_choice=False)
    as_at = DayField("As at")
    marking = RadioField(
        "Who may read it",
        choices={
            Marking.PUBLIC.value: "Part 1, public: members of every board",
            Marking.RESTRICTED.value: "Part 2, restricted: only members of the board that receives it",
        },
        validate_choice=False,
    )
    title = StringField("Title", filters=[plain])
    lead_officer = StringField("Lead officer", filters=[plain])
    contact_officer = StringField("Contact officer", filters=[plain])
    purpose = TextAreaField("Purpose of the report", filters=[plain])
    recommendations = TextAreaField("What the board is asked to do", filters=[plain])
    officer = SelectField("Who makes the safeguarding statement", choices={}, validate_choice=False)
    officer_post = StringField("Their post, as it is printed", filters=[plain])
    correction_reason = TextAreaField("What is corrected, and why", filters=[plain])

    def cover(self) -> Cover:
        """The cover as it was sent."""
        return Cover(
            board_id=chosen(self.board.data),
            plan_id=chosen(self.plan.data),
            as_at=self.as_at.data,
            marking=Marking(self.marking.data) if self.marking.data in set(Marking) else None,
            title=self.title.data or "",
            purpose=self.purpose.data or "",
            recommendations=self.recommendations.data or "",
            lead_officer=self.lead_officer.data or "",
            contact_officer=self.contact_officer.data or "",
            officer_id=chosen(self.officer.data),
            officer_post=self.officer_post.data or "",
        )


class StatementForm(BaseForm):
    """The safeguarding statement, with the figures that were looked at."""

    statement = TextAreaField("What these figures mean for the safety of children", filters=[plain])
    figures = HiddenField(filters=[plain])
