"""Whether a clause tells something rather than asking for it.

"My aunt wrote this in a letter" names a letter and wants none. A clause tells if it
begins with who or what it speaks of and holds neither a wish nor a question. Small
closed classes of words, pronouns and modal verbs, in many languages; in languages that
begin otherwise nothing is said. Knows nothing of puzzles.
"""

from __future__ import annotations

import re

_WHO = """
i i'm i've i'd we we've he she it it's they this that's these there my our his her their its
nobody somebody someone everybody everyone here hier voici voilà aquí ecco aqui oto tady här
her işte вот ось ich wir er sie es dies dieses das mein meine unser unsere sein seine ihr ihre
niemand jemand je j'ai nous il elle ils c'est c'était ce ça cela mon ma mes notre nos son sa
ses personne quelqu'un yo él ella esto este es era mi mis nuestro nuestra su sus nadie alguien
io lui lei è questo questa il mio mia nostro suo nessuno eu ele ela isto isso meu minha nosso
seu ninguém ik wij hij zij het dit mijn ons onze zijn haar niemand iemand my ona mój
moja nasz jego jej nikt я мы он она это мой моя наш наша его её никто ми він вона це мій jag vi
han hon det min mitt vår jeg hun mit vores minä hän tämä minun ben biz bu benim annem babam
saya kami dia ini én ő ez eu el ea acesta εγώ αυτό
"""
_SUBJECTS = frozenset(_WHO.split())
_THE = """
the a an der die das ein eine le la les un une el los las una il lo i gli o os as um uma de het
een
"""
_ARTICLES = frozenset(_THE.split())
_HAPPENED = re.compile(
    r"\b(?:is|was|are|were|has|had|have|came|went|got|gave|set|said|says|wrote|took|made|[a-z]{3,}ed|[a-z]{3,}s|ist|war|hat|hatte|wurde|sagt|a|est|était|avait|es|era|ha|había|fue|è|stato|é|foi|was|heeft)\b"
)
_WISHES = re.compile(
    r"[?？؟]|\b(?:please|pls|need|needs|want|wants|wish|would|could|should|may|like|love|let|also|bitte|möchte|hätte|brauche|braucht|will|wünsche|würde|könnte|"
    r"voudrais|aimerais|veux|faut|besoin|quiero|quisiera|necesito|gustaría|vorrei|voglio|bisogno|queria|quero|preciso|gostaria|wil|graag|nodig|chcę|chciał\w*|proszę|potrzeb\w+|"
    r"хочу|хотел\w*|нужн\w+|прошу|треба|vill|vil|behöver|trenger|haluan|haluaisin|istiyorum|lütfen|ingin|mau|tolong|szeretn\w+|kérek|vreau|θέλω|θα)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def tells(text: str) -> bool:
    """Whether `text` says how things are, as far as its first words tell."""
    low = text.casefold().replace("’", "'")
    first = _WORD.search(low)
    if first is None or _WISHES.search(low):
        return False
    if first[0] in _SUBJECTS:
        return True
    return first[0] in _ARTICLES and _HAPPENED.search(low, first.end()) is not None
