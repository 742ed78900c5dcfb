"""What every page must be, whoever asks for it: faults in the HTML of one response, in words.

Used on every HTML response by the test client. A fragment (no <html> at the start) is checked by
the same rules, heading and title left out.
"""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

ASIDE_TAGS = {"script", "style", "template", "noscript"}
NAMELESS_INPUTS = {"hidden", "submit", "button", "reset", "image"}
TELLTALE_WORDS = {"none", "nan", "null", "undefined", "nat", "inf", "-inf"}
TELLTALE_TAGS = {
    "td",
    "th",
    "dd",
    "dt",
    "p",
    "li",
    "span",
    "a",
    "caption",
    "legend",
    "label",
    "option",
    "h2",
    "h3",
    "h4",
}
HARMLESS_SCRIPT_TYPES = {"application/json"}


def check_html(text: str) -> list[str]:
    """Every fault of one page or fragment; an empty list when there is none."""
    is_page = text.lstrip()[:200].lower().startswith(("<!doctype", "<html"))
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    root = parser.parse(text) if is_page else parser.parseFragment(text)
    faults = [
        f"not valid HTML at line {line}: {code} {fine or ''}".strip()
        for (line, _), code, fine in parser.errors
    ]
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    faults.extend(id_faults(elements))
    faults.extend(inline_code_faults(elements))
    faults.extend(label_faults(elements))
    faults.extend(group_faults(root, elements))
    faults.extend(table_faults(elements))
    faults.extend(description_faults(elements))
    faults.extend(error_faults(elements))
    faults.extend(name_faults(elements))
    faults.extend(telltale_faults(elements))
    if is_page:
        faults.extend(heading_faults(elements))
    return faults


def words_in(element: Element) -> str:
    """The text of an element as a reader hears it: white space joined, scripts left out."""
    return re.sub(r"\s+", " ", "".join(texts_in(element))).strip()


def texts_in(element: Element) -> Iterator[str]:
    """The pieces of text inside an element, in order."""
    if element.tag in ASIDE_TAGS:
        return
    if element.tag == "img":
        yield element.get("alt", "")
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from texts_in(child)
        yield child.tail or ""


def named(elements: list[Element], *tags: str) -> list[Element]:
    """The elements of these kinds, in the order of the page."""
    return [element for element in elements if element.tag in tags]


def shown(element: Element) -> str:
    """How a fault names an element: its tag with id or name."""
    marks = "".join(f" {key}={element.get(key)!r}" for key in ("id", "name", "class") if element.get(key))
    return f"<{element.tag}{marks}>"


def classes_of(element: Element) -> set[str]:
    """The classes of an element."""
    return set(element.get("class", "").split())


def heading_faults(elements: list[Element]) -> Iterator[str]:
    """One h1, with which the title begins (after "Error: " if there is a summary); one main; a language."""
    headings = [words_in(element) for element in named(elements, "h1")]
    titles = [words_in(element) for element in named(elements, "title")]
    if len(headings) != 1 or not headings[0]:
        yield f"one h1 with words is wanted, found {headings}"
    elif not titles or not titles[0].removeprefix("Error: ").startswith(headings[0]):
        yield f"the title {titles} does not begin with the h1 {headings[0]!r}"
    has_summary = any("govuk-error-summary" in classes_of(element) for element in elements)
    if has_summary != bool(titles and titles[0].startswith("Error: ")):
        yield "the title begins with 'Error: ' exactly when there is an error summary"
    if len(named(elements, "main")) != 1:
        yield "one main is wanted"
    if not any(element.get("lang") for element in named(elements, "html")):
        yield "html has no lang"


def id_faults(elements: list[Element]) -> Iterator[str]:
    """Ids are unique, and not empty."""
    counts = Counter(element.get("id") for element in elements if element.get("id") is not None)
    for name, count in counts.items():
        if count > 1:
            yield f"id {name!r} is used {count} times"
        if not name or re.search(r"\s", name):
            yield f"id {name!r} is empty or has a space"


def inline_code_faults(elements: list[Element]) -> Iterator[str]:
    """No code and no style inside the page: the policy of the site would not run it."""
    for element in elements:
        is_data = element.get("type") in HARMLESS_SCRIPT_TYPES
        if element.tag == "script" and not element.get("src") and not is_data:
            yield "inline script"
        if element.tag == "style":
            yield "inline style sheet"
        for attribute, value in element.attrib.items():
            name = attribute.lower() if isinstance(attribute, str) else ""
            if name == "style" or re.fullmatch(r"on[a-z]+", name):
                yield f"inline {name} on {shown(element)}"
            if name in {"href", "action", "formaction", "src"} and value.strip().lower().startswith(
                "javascript:"
            ):
                yield f"code in the address of {shown(element)}"


def label_faults(elements: list[Element]) -> Iterator[str]:
    """Every box has a label with words: a label element, or an aria attribute that names it."""
    for_ids = {element.get("for") for element in named(elements, "label") if words_in(element)}
    wrapped = {id(inner) for label in named(elements, "label") if words_in(label) for inner in label.iter()}
    ids = {element.get("id") for element in elements}
    for label in named(elements, "label"):
        if label.get("for") and label.get("for") not in ids:
            yield f"the label {words_in(label)!r} is for {label.get('for')!r}, which is not on the page"
    for element in named(elements, "input", "select", "textarea"):
        if element.tag == "input" and element.get("type", "text").lower() in NAMELESS_INPUTS:
            continue
        has_label = element.get("id") in for_ids or id(element) in wrapped
        if not has_label and not says_its_name(element, ids):
            yield f"{shown(element)} has no label"


def says_its_name(element: Element, ids: set[str | None]) -> bool:
    """Whether aria attributes or a title name the element."""
    pointed = element.get("aria-labelledby", "").split()
    return bool(element.get("aria-label", "").strip() or (pointed and all(each in ids for each in pointed)))


def group_faults(root: Element, elements: list[Element]) -> Iterator[str]:
    """Radios, and checkboxes that share a name, stand in a fieldset whose legend has words."""
    for fieldset in named(elements, "fieldset"):
        legends = [child for child in fieldset if child.tag == "legend"]
        if len(legends) != 1 or not words_in(legends[0]):
            yield f"{shown(fieldset)} has no legend with words"
    parents = {child: parent for parent in root.iter() for child in parent}
    boxes = [each for each in named(elements, "input") if each.get("type") in {"radio", "checkbox"}]
    shared = Counter((form_of(each, parents), each.get("name")) for each in boxes)
    seen: set[str | None] = set()
    for each in boxes:
        is_group = each.get("type") == "radio" or shared[form_of(each, parents), each.get("name")] > 1
        in_fieldset = any(above.tag == "fieldset" for above in ancestors(each, parents))
        in_table = any(above.tag == "td" for above in ancestors(each, parents))
        if is_group and not in_fieldset and not (in_table and each.get("type") == "checkbox"):
            if each.get("name") not in seen:
                yield f"the choices {each.get('name')!r} are not in a fieldset"
            seen.add(each.get("name"))


def ancestors(element: Element, parents: dict[Element, Element]) -> Iterator[Element]:
    """The elements around this one, from the nearest."""
    while element in parents:
        element = parents[element]
        yield element


def form_of(element: Element, parents: dict[Element, Element]) -> int:
    """A number that stands for the form the element is in; 0 for none."""
    return next((id(above) for above in ancestors(element, parents) if above.tag == "form"), 0)


def table_faults(elements: list[Element]) -> Iterator[str]:
    """A table has a caption with words, and headers that say what they head."""
    for table in named(elements, "table"):
        captions = [child for child in table if child.tag == "caption"]
        if len(captions) != 1 or not words_in(captions[0]):
            yield f"{shown(table)} has no caption"
        headers = list(table.iter("th"))
        if not headers:
            yield f"{shown(table)} has no headers"
        for cell in headers:
            if cell.get("scope") not in {"col", "row", "colgroup", "rowgroup"}:
                yield f"the header {words_in(cell)!r} has no scope"
            if not words_in(cell):
                yield f"{shown(table)} has an empty header"


def description_faults(elements: list[Element]) -> Iterator[str]:
    """What aria attributes point at is on the page."""
    ids = {element.get("id") for element in elements}
    for element in elements:
        for attribute in (
            "aria-describedby",
            "aria-labelledby",
            "aria-controls",
            "aria-owns",
            "aria-errormessage",
        ):
            for target in element.get(attribute, "").split():
                if target not in ids:
                    yield f"{attribute} of {shown(element)} points at {target!r}, which is not on the page"


def error_faults(elements: list[Element]) -> Iterator[str]:
    """Links of the error summary lead to something; each error message is tied to what it is about."""
    ids = {element.get("id") for element in elements}
    described = {each for element in elements for each in element.get("aria-describedby", "").split()}
    for element in elements:
        if "govuk-error-summary" in classes_of(element):
            for link in element.iter("a"):
                href = link.get("href", "")
                if href.startswith("#") and href[1:] not in ids:
                    yield f"the error {words_in(link)!r} leads to {href!r}, which is not on the page"
        if "govuk-error-message" in classes_of(element) and element.get("id") not in described:
            yield f"the error message {words_in(element)!r} is not tied to a field"


def name_faults(elements: list[Element]) -> Iterator[str]:
    """Links and buttons have words and lead somewhere; pictures have words or are decoration."""
    for element in named(elements, "a", "button"):
        if not words_in(element) and not element.get("aria-label", "").strip():
            yield f"{shown(element)} has no words"
        if element.tag == "a" and element.get("href") is not None and not element.get("href", "").strip():
            yield f"the link {words_in(element)!r} leads nowhere"
        if element.get("name") == "submit":
            yield "a button named 'submit' hides the form's own submit()"
    for element in named(elements, "img"):
        if element.get("alt") is None:
            yield f"{shown(element)} has no alt"
    for element in elements:
        is_picture = element.tag in {"svg", "{http://www.w3.org/2000/svg}svg"}
        if is_picture and element.get("aria-hidden") != "true" and not element.get("aria-label"):
            yield "an svg has neither words nor aria-hidden"


def telltale_faults(elements: list[Element]) -> Iterator[str]:
    """No part of the page says only what a program says when it has nothing: None, nan, null."""
    for element in elements:
        if element.tag in TELLTALE_TAGS and words_in(element).lower() in TELLTALE_WORDS:
            if element.tag == "option" or classes_of(element) & {
                "govuk-radios__label",
                "govuk-checkboxes__label",
            }:
                continue
            yield f"{shown(element)} says only {words_in(element)!r}"
        for attribute in ("value", "href", "id", "name", "for", "action"):
            value = element.get(attribute, "")
            if value in {"None", "nan", "NaT", "undefined"} or (
                attribute in {"href", "action"} and "None" in value
            ):
                yield f"{shown(element)} has {attribute}={value!r}"
