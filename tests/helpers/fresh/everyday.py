"""Short everyday messages around one Sudoku and one maze, written after the vocabularies were
finished, by somebody who had not read them. `{}` stands for the puzzle.
"""

SUDOKU = """53..7....
6..195...
.98....6.
8...6...3
4..8.3..1
7...2...6
.6....28.
...419..5
....8..79"""
MAZE = """#########
#S..#...#
#.#.#.#.#
#.#...#.#
#.#####.#
#......G#
#########"""

PLAIN = [
    "{}\n\nneed the answer by lunch, ta",
    "My nan is stuck on this one from Sunday's Guardian:\n{}",
    "here u go\n{}",
    "Sudoku no. 4127 (moderate)\n{}\nWhat goes in the empty cells?",
    "I've been staring at this for an hour. Finish it please.\n{}",
    "Complete the grid below.\n\n{}\n\nReturn all 81 digits.",
    "hi there! could your solver take a look at this?\n{}",
    "puzzle of the day:\n{}\nsolution?",
    "Please fill every empty square so the sudoku is valid.\n{}",
    "Fill it in:\n{}",
    "can you get this one? my kid's homework\n{}",
    "{}\n^ solve",
    "This is from my puzzle book, page 12.\n{}\n"
    "I can't see the next step, just give me the completed grid.",
]
PLAIN_MAZE = [
    "Find a way through:\n{}",
    "Shortest route from S to G?\n{}",
    "how do I get out of here\n{}",
    "{}\nS is start, G is goal, # are walls. Path please.",
    "My robot is at S and needs to be at G. Plan its route.\n{}",
]
RULES = [
    "{}\nNote: digits on the main diagonals may not repeat.",
    "{}\nAdjacent cells never hold consecutive numbers in this one.",
    "{}\nIt's a knight's-move one.",
    "This is a hyper puzzle, the four inner 3x3s count too.\n{}",
    "{}\nThe centre dots all sum to 45, keep that in mind",
    "{}\nUse 0-8 instead of 1-9",
    "{}\nGrey cells hold even digits",
    "Columns needn't be unique here.\n{}",
    "{}\nThe 5 top left is a misprint, ignore it",
    "{}\nmirror it first",
    "killer cages: r1c1+r1c2=8\n{}",
    "{}\nplus every row has to read as an ascending number after sorting, "
    "and the middle box must be magic",
]
RULES_MAZE = [
    "Diagonal steps are fine.\n{}",
    "{}\nYou may break through one wall.",
    "{}\nDon't enter any corner.",
    "Each dot costs 2 except in row 3.\n{}",
    "{}\nYou can only turn right.",
    "{}\nleft edge wraps to the right edge",
    "collect everything on the way\n{}",
]
HONOURED = ["{}\nGo from G to S instead", "Dots are the walls, hashes the floor.\n{}"]
"""What the reading can follow: the way begins at G; dots are walls."""
