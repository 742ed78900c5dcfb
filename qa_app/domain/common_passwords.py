"""Which passwords are among the first that are tried, told without asking anybody.

Long passwords that many people choose are put together from few parts: a well-known word or two, a run of keys or
digits, a year, some part repeated, letters swapped for digits that look like them. Whatever falls apart into such parts
is refused, and so is whatever stands in a list of the passwords found most often.
"""

from functools import cache

_WORDS = """
password passwort passw0rd pass word welcome letmein login logon signin access secret private master admin
administrator root system user guest test testing temp temporary default changeme change example demo
trustno iloveyou loveyou love lover forever baby babygirl angel princess queen king prince sunshine shadow
superman batman spiderman superstar starwars pokemon dragon monkey tiger lion eagle falcon wolf bear panda
horse dolphin butterfly flower rose lily daisy cookie chocolate cheese banana orange apple cherry strawberry
computer laptop internet website windows microsoft google facebook twitter instagram youtube samsung iphone
android gaming gamer player killer hunter ninja pirate soldier warrior knight wizard magic merlin hello
goodbye freedom summer winter spring autumn january february march april june july august september october
november december monday tuesday wednesday thursday friday saturday sunday christmas birthday easter holiday
football soccer rugby cricket hockey tennis golf baseball basketball liverpool arsenal chelsea tottenham
everton manchester united city leeds newcastle sunderland rangers celtic villa westham london england english
scotland wales ireland britain british europe america american canada australia france germany spain italy
michael matthew andrew daniel david james john jonathan robert richard thomas william charles george henry
edward alexander alexandra benjamin samuel joseph joshua jordan justin christopher christian christine nicholas
anthony patrick stephen steven kevin martin philip simon adam oliver harry jack charlie jessica jennifer
elizabeth victoria charlotte emily emma sarah laura hannah rebecca rachel samantha stephanie nicole michelle
amanda ashley melissa catherine katherine margaret mary anne jesus christ heaven faith blessed family mother
father brother sister daughter money rich dollar million lucky happy smile crazy sexy hot cool great awesome
black white red green blue yellow purple silver golden diamond crystal rainbow thunder lightning storm ocean
river mountain phoenix genesis unicorn matrix mustang ferrari porsche mercedes corvette yamaha honda harley
guitar music metal rock drummer metallica nirvana slipknot eminem beatles elvis unbelievable nothing something
whatever anything everything qwerty qwertz azerty asdf zxcv council children childrens services service social
worker work care cares safeguarding safeguard audit auditor quality assurance review ofsted inspection team
manager office support nhs school teacher line sight lineofsight the and one two three four five six seven
eight nine ten zero abc xyz
"""
WORDS = frozenset(_WORDS.split())
KEYBOARD = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qweasdzxc",
    "zaqxswcdevfrbgtnhymju",
    "zaq12wsxcde34rfvbgt56yhn",
    "147258369",
    "159357",
)
RUNS = tuple(run for keys in KEYBOARD for run in (keys, keys[::-1]))
LOOKS_LIKE = str.maketrans("013457@$!|+", "oleastasiit")
ENOUGH = 3
"""How many well-known words may be strung together before they are no longer tried first."""


def is_common(password: str) -> bool:
    """Whether a password falls apart into few parts that everybody thinks of, or is one of the commonest."""
    folded = password.casefold()
    if len(set(folded)) < 5 or folded in _listed():
        return True
    return _cost(_one_of_many(folded)) < ENOUGH


@cache
def _listed() -> frozenset[str]:
    """The 30,000 passwords found most often. Source: the frequency lists of the library zxcvbn."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _one_of_many(text: str) -> str:
    # "seaseaseasea" is no harder than "sea".
    for size in range(1, len(text) // 2 + 1):
        times = -(-len(text) // size)
        if (text[:size] * times)[: len(text)] == text:
            return text[:size]
    return text


def _cost(text: str) -> int:
    """The fewest parts that the text falls apart into: a word is one, a run none, any other sign one."""
    best = [0] + [len(text)] * len(text)
    for end in range(1, len(text) + 1):
        best[end] = best[end - 1] + (1 if text[end - 1].isalnum() else 0)
        for start in range(max(0, end - 20), end):
            part = text[start:end]
            if part in WORDS or part.translate(LOOKS_LIKE) in WORDS:
                best[end] = min(best[end], best[start] + 1)
            elif _is_run(part):
                best[end] = min(best[end], best[start])
    return best[-1]


@cache
def _is_run(part: str) -> bool:
    if part.isdigit() and (len(part) <= 2 or (len(part) == 4 and part[:2] in ("19", "20"))):
        return True
    if len(part) < 3:
        return False
    return len(set(part)) == 1 or any(part in run for run in RUNS)
