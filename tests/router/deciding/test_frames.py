"""What programs write around messages is no sentence of anybody's; what people write is."""

from __future__ import annotations

from hrm_puzzles.sudoku import SudokuTask
from hrm_router.asking import Asker
from hrm_router.decision import FoundProblem

GRID = (
    "53..7....\n6..195...\n.98....6.\n8...6...3\n4..8.3..1\n7...2...6\n"
    ".6....28.\n...419..5\n....8..79"
)

ASKER = Asker([SudokuTask()])

FRAMES = """
[14:02] mia: please solve this\\n{p}
[3/12/2026, 09:14:55] Jan Boer: solve this\\n{p}\\n[3/12/2026, 09:15:01] Jan Boer: thanks
On Tue, 3 March 2026 at 14:02, Anna Berg <anna@example.org> wrote:\\n{p}
Am 3. März 2026 um 14:02 schrieb Anna Berg:\\n{p}
Le 3 mars 2026 à 14:02, Anna Berg a écrit :\\n{p}
A B C D E F G H I\\n{p}
In [4]: board\\nOut[4]:\\narray([{p}])
>>> puzzle\\n{p}
let board: [[u8; 9]; 9] = [{p}]
board: list[list[int]] = {p}
"""

NO_FRAMES = """
[14:02] rule: no repeats\\n{p}
[14:02] diagonals: also\\n{p}
[14:02] mia: the diagonals count\\n{p}
On 3 boards the diagonal repeats, she wrote:\\n{p}
{p}\\nKind regards\\nDiagonal Sudoku
{p}\\nKind regards,\\nWindoku
{p}\\nThanks,\\nAnti-Knight
{p}\\nPlease\\nJigsaw
{p}\\nJigsaw
Jigsaw\\n{p}
>>> no diagonal repeats\\n{p}
let us: go [diagonal] = {p}
A C E G\\n{p}
"""

STORIES = """
My hamster nibbled at the receipt from the bakery, luckily I had a photo.\\n{p}
Spotted on a beer mat in Ghent.\\n{p}
Our physiotherapist scribbled this during a dull seminar\\n{p}
It was printed on the lid of a half-eaten pizza.\\n{p}
The horoscope was a disappointment.\\n{p}
Nobody at the bakery got anywhere, two coffees later we surrendered.\\n{p}
"""
RULES_IN_STORIES = """
My aunt calls it Flimflam.\\n{p}
My uncle drew this as a doughnut\\n{p}
Our teacher hates eights\\n{p}
We found it in the Flimflam section.\\n{p}
From my Flimflam book.\\n{p}
It is my uncle's Flimflam.\\n{p}
Everybody at the club squares the digits\\n{p}
She made a Flimflam.\\n{p}
The puzzle was a Flimflam.\\n{p}
It was published with two errors in it.\\n{p}
My cousin never puts a five beside a six.\\n{p}
I typed it in reverse.\\n{p}
My wife, who hates sevens, banned them.\\n{p}
Bake me a scone.\\n{p}
"""


def unread(wording: str) -> tuple[str, ...]:
    text = wording.replace("\\n", "\n")
    at = text.index("{p}")
    puzzle = FoundProblem(task="sudoku", problem=SudokuTask.example, span=(at, at + len(GRID)))
    rest = ASKER.weigh(text.replace("{p}", GRID, 1), [puzzle])
    return (*rest.unread, *([rest.residual] if rest.residual else []))


def test_what_programs_write_around_a_message_leaves_no_doubt() -> None:
    for wording in FRAMES.strip().splitlines():
        assert unread(wording) == (), wording


def test_what_only_resembles_a_frame_is_still_read() -> None:
    for wording in NO_FRAMES.strip().splitlines():
        assert unread(wording), wording


def test_stories_about_people_are_harmless_until_they_name_what_rules_speak_of() -> None:
    for wording in STORIES.strip().splitlines():
        assert unread(wording) == (), wording
    for wording in RULES_IN_STORIES.strip().splitlines():
        assert unread(wording), wording
