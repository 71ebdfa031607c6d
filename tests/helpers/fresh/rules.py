# ruff: noqa: E501
"""Rules that no checker knows, composed of word classes by somebody who looked at no reader.

Roles, symbols, copulas, directions, amounts and sizes are drawn on their own, so that most
sentences were never seen by anybody. Each stands beside a Sudoku or a maze whose reading it
contradicts or goes beyond; `S` is the maze's start, `G` its goal, `#` its walls. The lists were
frozen before the first run.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

SUDOKU = "53..7....\n6..195...\n.98....6.\n8...6...3\n4..8.3..1\n7...2...6\n.6....28.\n...419..5\n....8..79"
MAZE = "###########\n#S..#.....#\n#.#.#.###.#\n#.#...#...#\n#.#####.#.#\n#.......#G#\n###########"
"""Eleven cells wide and seven high, the start at the top left and the goal at the bottom right."""

GREETINGS = ("", "", "Please solve this. ", "Hi! ", "Could you do this one? ", "Solve: ")
ENDINGS = ("", "", " Thanks!", " Please.", " That is all.")

SYMBOLS = {
    "#": ("#", "'#'", "hashes", "the hash signs", "each #"),
    ".": ("'.'", "dots", "the dots", "periods", "each dot"),
    "S": ("S", "the S", "'S'", "the letter S"),
    "G": ("G", "the G", "'G'", "the letter G"),
}
WRONG = {
    "#": "floor start goal",
    ".": "wall start goal",
    "S": "wall floor goal",
    "G": "wall floor start",
}
ROLES = {
    "wall": ("a wall", "walls", "blocked", "an obstacle", "impassable", "not passable"),
    "floor": ("free", "open floor", "walkable", "passable", "an open cell", "a corridor"),
    "start": ("the start", "the entrance", "where I begin", "the starting point"),
    "goal": ("the goal", "the exit", "the finish", "where I want to go", "the destination"),
}
COPULAS = ("is", "are", "means", "stands for", "marks", "=", "represents", "denotes")
MOVERS = ("I", "You", "One", "The robot", "The player", "Moves", "We", "It")
MAY = ("can", "may", "can also", "are allowed to", "must", "can only", "should")
MOVES = (
    "go diagonally", "move right and down", "jump over walls", "cross one wall", "step on diagonals",
    "walk through walls", "move two cells at once", "turn only left", "pass each cell once",
    "move like a knight", "swim", "teleport", "leave on the left and come back on the right",
    "go up", "only turn right", "never go north", "slide until a wall", "pick up the key first",
    "visit every corner", "wait a turn", "break two walls", "take at most five turns",
)  # fmt: skip
COSTS = ("Each", "Every", "A", "Any")
PAID = (
    "step",
    "turn",
    "left turn",
    "diagonal step",
    "dot",
    "corner",
    "move up",
    "cell in column 3",
)
PRICES = (
    "costs two",
    "costs 3",
    "is free",
    "counts double",
    "takes a minute",
    "weighs 5",
    "is forbidden",
)
UNITS = (
    "row",
    "column",
    "box",
    "diagonal",
    "cell",
    "corner",
    "pair of neighbours",
    "3x3 box",
    "line",
)
CLAIMS = (
    "sums to 45", "has the same sum", "contains only odd digits", "holds 1 to 8", "adds up to ten",
    "may repeat a digit", "has two nines", "increases", "is a palindrome", "contains no 5 next to a 6",
    "is even", "holds consecutive digits", "starts with 1", "differs from its neighbour by two",
    "is larger than the one below", "skips a digit", "contains a prime", "uses letters", "is a magic square",
)  # fmt: skip
QUANTIFIERS = (
    "Each",
    "Every",
    "The first",
    "No",
    "Exactly one",
    "The main",
    "At least one",
    "Any",
    "The middle",
)
VARIANTS = (
    "killer", "windoku", "thermo", "jigsaw", "X", "antiknight", "renban", "kropki", "samurai", "toroidal",
    "diagonal", "consecutive", "sandwich", "arrow", "hyper", "irregular", "even-odd", "palindrome", "whisper",
    "fortress", "quadruple", "nonconsecutive", "torus", "cylinder", "ice", "portal", "key", "weighted", "one-way",
)  # fmt: skip
FRAMES = (
    "It is a {v} puzzle.", "This is a {v} one.", "{v} rules apply.", "Solve it with {v} rules.",
    "From a {v} collection.", "My {v} puzzle.", "Type: {v}", "{v}.", "It's {v}.", "Variant: {v}.",
    "A {v} sudoku.", "We play the {v} version.", "{v} style, as usual.",
)  # fmt: skip
WAYS = (
    "From G to S.", "Start at G and end at S.", "Go from G back to S, please.", "Bring me from the goal to the start.",
    "I start at G.", "The way back, from G to S.", "G -> S", "Begin in the bottom right.", "I start in the top right corner.",
    "The exit is in the top left corner.", "Start at row 3, column 4.", "The goal is at (1, 1).",
    "From the lower left to the upper right.", "Start (5,1), goal (1,9)", "I am at G.", "Go to S.", "Return to S.",
)  # fmt: skip
SIZES = (
    "It is {a} by {b}.", "The grid is {a}x{b}.", "A {a} x {b} maze.", "{a} rows and {b} columns.", "Size: {a} by {b}",
    "width {a}, height {b}", "It has {a} rows.", "The maze is {b} columns wide.",
)  # fmt: skip
OTHERS = (
    "Die Ränder hängen zusammen.", "Man darf auch schräg gehen.", "Beide Diagonalen enthalten 1 bis 9.",
    "Jede Kurve kostet zwei Schritte.", "Punkte sind Wände.", "Von G nach S bitte.", "Es ist ein Killer.",
    "Nachbarn unterscheiden sich um mehr als eins.", "Höchstens zwei Mauern dürfen fallen.",
    "On peut traverser un mur.", "Les points sont des murs.", "De G à S.", "Les diagonales aussi.",
    "Chaque pas coûte deux.", "C'est un sudoku irrégulier.", "Les chiffres voisins diffèrent de trois.",
    "Se puede saltar una pared.", "Los puntos son paredes.", "De G a S.", "Las diagonales también cuentan.",
    "Cada giro vale dos.", "Es un sudoku asesino.", "Los bordes están unidos.",
    "Si può camminare in diagonale.", "I punti sono muri.", "Da G a S.", "Anche le diagonali.",
    "Ogni svolta costa tre.", "Os pontos são paredes.", "Pode-se andar na diagonal.", "De G para S.",
    "De punten zijn muren.", "Je mag schuin lopen.", "Van G naar S.", "Kropki to ściany.", "Z G do S.",
    "Można iść na ukos.", "Точки это стены.", "Можно ходить по диагонали.", "Из G в S.",
    "从G到S。", "可以斜着走。", "点是墙。", "对角线也要不同。", "GからSまで。", "斜めに進めます。", "点は壁です。",
    "대각선으로 갈 수 있다.", "Çapraz gidilebilir.", "يمكن السير قطريا.", "Saa kulkea vinottain.",
)  # fmt: skip


def _sentence(rng: random.Random) -> str:
    kind = rng.randrange(9)
    if kind == 0:
        mark = rng.choice("#.SG")
        role = rng.choice(WRONG[mark].split())
        said = f"{rng.choice(SYMBOLS[mark])} {rng.choice(COPULAS)} {rng.choice(ROLES[role])}"
        return f"{said[0].upper()}{said[1:]}{rng.choice(('.', '', '!'))}"
    if kind == 1:
        return f"{rng.choice(MOVERS)} {rng.choice(MAY)} {rng.choice(MOVES)}."
    if kind == 2:
        return f"{rng.choice(COSTS)} {rng.choice(PAID)} {rng.choice(PRICES)}."
    if kind == 3:
        return f"{rng.choice(QUANTIFIERS)} {rng.choice(UNITS)} {rng.choice(CLAIMS)}."
    if kind == 4:
        return rng.choice(FRAMES).format(v=rng.choice(VARIANTS))
    if kind == 5:
        return rng.choice(WAYS)
    if kind == 6:
        a, b = rng.sample([n for n in range(4, 31) if n not in (7, 9, 11)], 2)
        return rng.choice(SIZES).format(a=a, b=b)
    if kind == 7:
        return rng.choice(OTHERS)
    return f"{rng.choice(COSTS)} {rng.choice(PAID)} {rng.choice(PRICES)}, and {rng.choice(MOVERS).lower()} {rng.choice(MAY)} {rng.choice(MOVES)}."


def rules(count: int, seed: int) -> Iterator[str]:
    """Messages that state a rule beside a Sudoku or a maze."""
    rng = random.Random(seed)
    for number in range(count):
        said = f"{rng.choice(GREETINGS)}{_sentence(rng)}{rng.choice(ENDINGS)}"
        problem = (SUDOKU, MAZE)[number % 2]
        yield f"{said}\n{problem}" if rng.random() < 0.6 else f"{problem}\n{said}"
