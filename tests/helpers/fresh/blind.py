# ruff: noqa: E501
"""Messages written by somebody who had seen only the README, with what each of them asks.

Frozen before the first run; docs/records/2026-11-28-blind.md has the first figures.
"""

import json
import random

PUZZLES = [
    "...2.3.....364....5..8.93...9.7..64....4..19..4.1982..4...81.3...1...45.32.5..9..",
    ".6.14.2.814.........276.9...2385.1...57...34.6.....7....69....79...7.6.12.8...4..",
    "25.6..197.4....2351793...6..3.1...2..61...5..7...3..1....7..9529.....671.1...9..8",
    ".17...2853.....7.4....1...323.751.....6.3..577.....8..12..7..9..7..9.5.1..31.54.6",
    "4..32.....59..1......8594.7...7.........935.1......746.8....67.1.5.3....63....154",
    "2.7.95...4.....73.18..3...47.....3...1....8....86.392....9.4.589..8.1.6...136.479",
    "7.8.2.....62...7.8....782...8.6..45..14...362..3.54....457.....8..26.5...3.41.8..",
    "....25.4..58.49....9.3.7...9..47.3.6.1....89.536...1..12..3.......9......47.8.2.9",
    "86..14..759.6....1.2.9..........734..894..15....52.......3.9..4...1.....6...52.3.",
    "358...6.17.1..5.9...4.165..1.68..7.......3..5......316........3......12.2.7638..9",
    "3..9...7....34....52...1.3..4.5.2....9..6...4.7......24.8.5.6..7.14835..9..7.684.",
    "..8129.6....8.32..12.564.78.....1..62........64.7....1.73...65.4....71....24.6.8.",
    "3..8..2..562.43...9182.5........74......9....894...637...9...76675..49...295..3..",
    "4.......3.86.79.41..94...6...8........16...9.9..5...86....2.739.971.5...8...3..1.",
    "123..9...5....2.6.7.9.58.2...4.2.97....5.431...2..6.4....9..8..485.13...6...4.2.1",
    "6.79......3...4.6.....1.......3..752.7....4.9349..281.4.376...1.....124..9...3...",
    ".5...172.3...765.92.6.59..1..4.87.1.9.....2.....624.9.....639..7.251.6.....79..5.",
    "7..5...41.64..8.3...36..8....1..7........3.1.......72835..4.2..4...8.5..87.39...4",
    ".75..6...3.9...8.54...87....5.379...7.34612........7..5.7..418..4.2.8..71..7...4.",
    ".....215..1..6..8.9...35.6......364.47....5.1..3....92...6.4..8..23......6..293..",
    "..73.65.159..4.3..3.8.....4.4..63..9....7..3...6.1.42.68..95.....5.24.83...6....5",
    "7.....5...9.85...3.4.6...9.58.73.2.....5.....3....1.....14..6..63.9.2.45..8...921",
    "....6..2...4.1239.1..35...687...36..9...8.53...5......7..9.6..........6.3...412.7",
    ".6....7.5.7136....4.....3686839....7.9.7.5..3..5..39.....8...2.....29....4...78.6",
    "..5.6..8......9.64....829...5..9..3...68......4..3.5.81..2..6.9572.4..13...31...2",
    "1.9..2.47....3..28..2..4.19.74..186...6..5...3.18.6..4.68.5...3.1.2...75.45.1....",
    "......2.3..2...14..8..6..5714..2..957.5481.26.6..79.1..1...2.7.3.6.5.4....9.4..3.",
    "8.....2.5....2..6....1.6479...8.57...1..3..58.5.4.1...9..6...87...3........718.4.",
    ".6..25.8..8.1.9.75.5.......27.38.61.1.6....483....15.......283..2.8....1...9..75.",
    ".......4.5..97...1..7.83..2..2...16..31.2..8......62.59..841..618.6..5.....7..41.",
    "85.1..6..2..5..9..1..6.4....8......6.1....58.4.6.....99..4..8355.8.17..2.4...879.",
    "9...248.......34...217.695.5......6..76.5..142..6..5...4......5395.416.77..9.51..",
    ".7625....5..4....6943....51684..7......93....3928.4..771.3...4......91..46...83.5",
    ".69.....78.531.49.....9.85.137..9.........6......52.....2.7.96...6.8..73..19645..",
    ".6...2..71.2.478.3..7..32.1.7.3....9..3..1.5....75..868..1.947.2.....6....5..8...",
    ".26...3....871.52.3.7.25...8.419......2...........6.5.....6.189.....2.....5.81..3",
    ".928.......13.49...35...86...4.2..8...7.6..53..6...2.7.6..3...9.79...3...4327.6..",
    "...91....24..3.1.91.8....36...42.....2...7.91..7..925..6..9.54...2...918..1.5.6..",
    "8......51.3..542...1....6.......9.4.....8.3.93.6..18.7..73....45.18729......1....",
    "72.....611..7.34.....1..23........1.2...6.3.5...537.9.8.467.92.3...1.7..6..3921.8",
    ".9...5.....23.45.17...8243957.2...43...5789....9........692..1414...6.92.....76..",
    "23...1.5...84....37.......66.1........25.64...9782..1......9831.....8..7...76....",
    ".5..638..37..89.1........73894.15......6.7.84.6...42..2..3764.89..1.2.36......1..",
    ".....6.3.9...81...7....42.18.9.123.7......512....67....25...19..9.6254..4.3.9.6..",
    "71.3629.....5713..6..9.45..438.1...21..62.....5...3........6..998....4..3.4...2.5",
    ".5.9.8...8....2.15....1..4....29.......3.6.....7...492.6...75.....62...17.3..59.6",
    "..85.39767...24...31..7..4..4..3.7...3.769..2....4..35..3.97....6..82.5.......6.7",
    ".7124.9.3.9..16...8....3...7.84.........6918..........4..67...1.82....75....21.9.",
    ".8379........6819....2...63.5.8.....29.4..6.876..2.5....56.........42.8.....8.7.6",
    "..1..62.34569.2....92.816....7.2..8....8.9..6.8.4.....52.193....68......9.36.842.",
    "..45..1.6..6.879.29...1.7846.1...5...9.63...7..7.....1.4.92.6..2.....47.1.3..42..",
    "5....3..1..19....4..2...5.9.3.761..5..9432..7.........4...1...871.89..3....3...76",
    "...1..4...8.....129..6...536......3..48317....73......86..35...3......9.2.7.86.45",
    ".......367.9.3......85129...73.61.599...7.1..26..5........2....42..9.6.....1.65..",
    ".8..1..7......2..92...89.61.4...5.3.31..2........6...71.3.7.5..42.9.8..3958.3172.",
    ".7..6..5.32....187.9.1......64...2..2.3.46........89.65....1.93.1.6...7.....7....",
    "2..534..9.4.1..2.6...27..349.5.1...7..1.27.5.....5.6.8.....57...5.....427.6.428..",
    ".346..87...5........7...6.17.....5.8..1.287.9....3.......3..1..1...9736.3..1.5.97",
    "..3..2..1...4....981.639..5.7....93.4.1..657.36...7..89.6.7.8142....1.9...8......",
    ".2......1..4..8.258..9........529.4.7431....2...43..6.95.3..8.643.....5..86.9.7.4",
    "9...3.4..2.341..7.48.9..2....9...86.51.....3.8.4.9..1...7..46....5....276..3.....",
    "5.72..1..94..1.8..6..8.5.4..7......34..1...8..1.7.892.163...4......315.87.8..9...",
    "19.6..78...5..8...78..4..2...2.814....95......1...6......27..4....8.495...1...23.",
    "64.2.81...583174....76.9..2...73......5.61..8......35..7...3.644.6..293.1...8...5",
    ".358.26...72.64..9.6.....2.74......3....29.87..9......41...6...596...1...83.1...5",
    "....1..28..1.3..5.2...97.4.14.36...5..8.7....3..985.......51..3.34..9.7....6...8.",
    ".98...5.....7568.257..2....8.93146.........3.4.3.679..7.5.92..43...7......2143..6",
    "7.....98...9..143.3.58.........5..9.......7.28...1.........2.5.5..6892..1.2534..9",
    "2......5..74....168.5..63........6.59.8..5..1...3....4.3.65.1.....94......67.24..",
    "..1..34.6.2..46..7..4...2.35.72.8..9....6..1.9..5173..3..69.5..1.53...6.4..1.58..",
    "....1..67.1...3..9.73.9...4..4......529..4.......5...1.6.52.41...58.1.3.8..3.795.",
    "68.1.5.3....8.6.95.5..4.8268....1..47.32.8...51..3.2...6.....431...74..2.3.6..5..",
    "64........28..45911.9382....148..6.7...7..14.7..9.1.5.2734..8........9.4...51....",
    "9.....1..74..1..25361.2.8.7..7.3....6..5...8452..8.3...9.4.86.1.....32.....2.....",
    "..24..13.5..9.......9.87....2.8746.5...132..8..8.6.......7....6..7..12..9..3...57",
    "...8.7.5.6.51298.4.74.539...6.29....1.......5.87...1.274...5..9........8.1978.56.",
    ".7..142.8....2.........5.6..3.1.98.7...35.4.99.....5.......278...9...6513.75619.2",
    "63....74....87..2.84.6.315...6915.74..83.....5.....3......9...7...2...9..9...8...",
    "....3.465.6.21...9...564.1..9.6...71..61......2...8..6..4...89.3......2.7...8....",
    ".5.8.16.9..1..952.....537...........5.87.49.2..469235.14..25...3.7....9...5..74..",
    ".......61.1.2.983..78..5....9..83....5.7923...8.4...7..2.5.....9.4..71.353...4..2",
    ".3....4...473..9.1.9.47.........81...19....6..63..1.4.95172..864.2..3.1.....9.7.4",
    ".596....8.1...9......841..36..18.5........276.3..6.4.1.6741...55.37...1...459.76.",
    "..7..3...25.7.4..86.3..............9592...6.....2....4.6..92.477.43.85.2..5.7.8..",
    "2.6.95.3.7...614.9.5...3..2.......8...5...2..3.8.12.451.2..9..8..438...1.3712.5..",
    "....51.67....491.55.8.7....8......13...2.57..6....45..287.....1.64...8..1.5..8.4.",
    "64..1.57....9....8..968..124..3......1...74...95..8.2...3......864.32..7.........",
    "..1....927.931.4.6...297..3..376.1.5.7.5.......24.8.6..1...3..9.85...2...941.2.5.",
    "5..2..3.62.873.5...3....4..3..51..2.9.........82....1..5.84.6..76.951..88....7...",
    "6.9..4..8.....89...3..9.....47.81.969....2...1...5..2..1.5.94..7......5....4.71..",
    "483...97.6...8...2..1..7.8.....6..4.3..2..6.77.9..8...5......34....3..25..412.7..",
    "..7..2....38.........38..196....3...9.24..1..38....56.81..6.3..7.6...98..5.1..6..",
    "...98.1..231..58..9......5.6.9.....5..7.91....4......68...6237.12.4..5.....8.9...",
    "95.3.78......5....372.4.19..2386.....1.7.....4...1572.23......9......6.4.84..12..",
    "..1....6565..934......6....4...7.8......423767.38.9..25..93.2...1....937.7.....54",
    "....3...6.85...7.16..417..3.9.7261.4....41..........7..34....1.7.2.5.....6..72...",
    "..3..41...1.....744..2813.......5.81.2896....57..1..6.28...94.774.....3..96.5.8.2",
    ".2....14..47.5...9..317..6.7145.........8.7.439.7......3.41.65...5.934....1.2..98",
    "....5...2...8.1.6.5....28.1....4....42...357638.....4...69...1...4..8.578....6...",
    "...74...2...1..49.7..6.2.81..6...7.997.......38.9.4265.3.4.7..665..8..74.....68..",
    "..51..3..12....7....4795...5.2..6..3.....28.1...43....9.72..6....1.8.97.6.39....5",
    "5.7.8.1.986..13..........642.....3....8..76456.58...7.45.....13.1.2.......6.7....",
    ".5...1.4.79...453.8..6.....4...7.8213...82.5.....6.........7.8.9...4..75..79184..",
    "......7....372418......5.6.6......5...9...6.185.63...9..2....9...849..724...7.3..",
    "4.2......1.6..2.8.....96..4..9..5...37.6...4.6....957.8.....4...21.3...8...86..29",
    "7..18.........9.......4.81...5..12.9.6..5....38...6..7..7..8.26.265..1..13..6.75.",
    "..1.28.63.486..........1..217..8...5..47.6.2.8293......5.....8......725498....3.6",
    "91.....5.7651..42..3.....8.5......6....46..1..4671.8..1.98.3...6....134...42.61.5",
    ".....827.8.4726.9..72..3.....8.61.5712..3......3.....1..789...4..9..4.3...13...85",
    "...1...9....2..1.7..7...3.8.745.9..23...41.....6..27.....6.528.5....3..1.2.4....5",
    "7.8..1...9...5.....6.24..8.4...2..76..7...29.5.9786..4......763...67..4...6..2958",
    "36..92....84.....9.954873...36...8..4.81.......9......6..2.9.4.....48..18..63.92.",
    "......821.....54.6..68..7....8......57.4.62.8.....8.3...79.4...81.5.76...69..23..",
    "..6.3.4.85....1....1..7.9.3....1...7.....9.4.8...2.39..9...87.276......41..26....",
    "6..5.7...219............6...9.8.47253....5..9.526....4521....78....4..1..8..5.9..",
    "8..2..56.73.9.5.4.....8.27.4........56...13.7.....9..4.5.4.87..14..236.53.75.6.8.",
    "4.6.....89..2..7..753........5.1..7...2..384...17..3...64..2......8....4...6412.7",
    "6.......3..8.7.2..7...92....4......9573.2.4..9.24.135.3.....84..84.37....9...4...",
    "......6.7....31.5.4.9.....1138..4..2.4..72..8627.1.9..81..492.67.2....9...4.2..1.",
    "...9......8..426.7.23....95..4..3.562.7..1....15.8.....4.6.7.81..681.4.9.58...7..",
    "2.86..3.919.5.2.4..679......7...9.......2.4.3.3..1..6......39...46....72.1.25..3.",
    "9...53..2.......4...2.145....38.29...2....7..41937....73.2..491...53.62.26..4...5",
    ".784..1...9...1.....175..9.8.7.6...........6.4.......7..56....39...3..753..87.64.",
    ".8..3....5..9..814.261.......8...93.45..2..6..9..8...........8..45.93..12....4..9",
    "....8....85....6..9.17....5.1..53.42428..9.5......8.....4......23.8.4..9..73...1.",
]


def take(number):
    """The puzzle with this number, as nine rows of nine characters."""
    puzzle = PUZZLES[number]
    return [puzzle[9 * row : 9 * row + 9] for row in range(9)]


def lines(rows, blank=".", gap="", start="", end=""):
    return "\n".join(start + gap.join(row).replace(".", blank) + end for row in rows)


def banded(rows, blank=".", rule="------+-------+------", bar="| ", gap=" "):
    out = []
    for number, row in enumerate(rows):
        if number in (3, 6):
            out.append(rule)
        thirds = [gap.join(row[part : part + 3]) + gap for part in (0, 3, 6)]
        out.append(bar.join(thirds).replace(".", blank).rstrip())
    return "\n".join(out)


def boxed(rows, blank=" "):
    """Heavy box drawing, as many printers have it."""
    out = ["╔═══╤═══╤═══╦═══╤═══╤═══╦═══╤═══╤═══╗"]
    for number, row in enumerate(rows):
        cells = [f" {cell} ".replace(".", blank) for cell in row]
        out.append("║" + "║".join("│".join(cells[part : part + 3]) for part in (0, 3, 6)) + "║")
        if number in (2, 5):
            out.append("╠═══╪═══╪═══╬═══╪═══╪═══╬═══╪═══╪═══╣")
        elif number < 8:
            out.append("╟───┼───┼───╫───┼───┼───╫───┼───┼───╢")
    return "\n".join([*out, "╚═══╧═══╧═══╩═══╧═══╧═══╩═══╧═══╧═══╝"])


def plusbox(rows, blank=" "):
    edge = "+-------+-------+-------+"
    out = [edge]
    for number, row in enumerate(rows):
        thirds = [" ".join(row[part : part + 3]).replace(".", blank) for part in (0, 3, 6)]
        out.append("| " + " | ".join(thirds) + " |")
        if number % 3 == 2:
            out.append(edge)
    return "\n".join(out)


def ints(rows):
    return [[0 if cell == "." else int(cell) for cell in row] for row in rows]


def listed(rows):
    return "[\n" + ",\n".join("  " + str(row) for row in ints(rows)) + "\n]"


def printed(rows):
    """What print(numpy_array) shows."""
    inner = [" ".join(map(str, row)) for row in ints(rows)]
    return "[[" + "]\n [".join(inner) + "]]"


def framed(rows, blank="NaN"):
    """What print(data_frame) shows."""
    out = ["     " + "    ".join(map(str, range(9)))]
    for number, row in enumerate(rows):
        out.append(f"{number} " + " ".join(f"{blank if c == '.' else c + '.0':>4}" for c in row))
    return "\n".join(out)


def r_matrix(rows):
    out = ["      " + " ".join(f"[,{number}]" for number in range(1, 10))]
    for number, row in enumerate(rows, 1):
        out.append(f" [{number},] " + " ".join(f"{'NA' if c == '.' else c:>4}" for c in row))
    return "\n".join(out)


def html(rows):
    body = "\n".join(
        "<tr>" + "".join(f"<td>{'' if c == '.' else c}</td>" for c in row) + "</tr>" for row in rows
    )
    return f'<table class="sudoku">\n{body}\n</table>'


def markdown(rows, head=None, blank=" "):
    out = ["| " + " | ".join(head or ["   "] * 9) + " |", "|" + "---|" * 9]
    return "\n".join(out + ["| " + " | ".join(row).replace(".", blank) + " |" for row in rows])


def emoji(rows, blank="⬜"):
    return "\n".join(
        "".join(blank if c == "." else c + "\ufe0f\u20e3" for c in row) for row in rows
    )


def cells(rows, form="r{r}c{c}={v}", between=", "):
    return between.join(
        form.format(r=r, c=c, v=v, L="ABCDEFGHI"[c - 1], K="ABCDEFGHI"[r - 1], r0=r - 1, c0=c - 1)
        for r, row in enumerate(rows, 1)
        for c, v in enumerate(row, 1)
        if v != "."
    )


WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def spoken(rows, blank="blank", words=False, start="Row {}: ", between=", "):
    out = []
    for number, row in enumerate(rows, 1):
        told = [blank if c == "." else WORDS[int(c) - 1] if words else c for c in row]
        out.append(start.format(number) + between.join(told))
    return "\n".join(out)


def maze(seed, high=5, wide=5, extra=3):
    """A maze of high times wide chambers, with a wall around it; S and G lie in chambers."""
    rng = random.Random(seed)
    grid = [["#"] * (2 * wide + 1) for _ in range(2 * high + 1)]
    stack, seen = [(0, 0)], {(0, 0)}
    grid[1][1] = " "
    while stack:
        row, col = stack[-1]
        ways = [
            (row + dr, col + dc)
            for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0))
            if 0 <= row + dr < high and 0 <= col + dc < wide and (row + dr, col + dc) not in seen
        ]
        if not ways:
            stack.pop()
            continue
        to = ways[int(rng.random() * len(ways))]
        grid[row + to[0] + 1][col + to[1] + 1] = " "
        grid[2 * to[0] + 1][2 * to[1] + 1] = " "
        seen.add(to)
        stack.append(to)
    for _ in range(extra):
        row, col = 1 + int(rng.random() * (2 * high - 1)), 1 + int(rng.random() * (2 * wide - 1))
        if (row + col) % 2:
            grid[row][col] = " "
    ends = [(1, 1), (2 * high - 1, 2 * wide - 1), (1, 2 * wide - 1), (2 * high - 1, 1)]
    first = int(rng.random() * 4)
    second = (first + 1 + int(rng.random() * 3)) % 4
    grid[ends[first][0]][ends[first][1]] = "S"
    grid[ends[second][0]][ends[second][1]] = "G"
    return ["".join(row) for row in grid]


def inner(rows):
    return [row[1:-1] for row in rows[1:-1]]


def drawn(rows, signs="# SG", gap=""):
    table = dict(zip("# SG", signs, strict=True))
    return "\n".join(gap.join(table[c] for c in row) for row in rows)


def thin(rows, ends="SG"):
    """Thin walls: +---+ and |, each chamber three wide."""
    out = []
    for r, row in enumerate(rows):
        text = ""
        for c, sign in enumerate(row):
            sign = {"S": ends[0], "G": ends[1]}.get(sign, sign)
            if r % 2 == 0:
                text += "+" if c % 2 == 0 else ("---" if sign == "#" else "   ")
            else:
                text += ("|" if sign == "#" else " ") if c % 2 == 0 else f" {sign} "
        out.append(text.rstrip())
    return "\n".join(out)


def find(rows, sign):
    return next((r, row.index(sign)) for r, row in enumerate(rows) if sign in row)


def walls(rows):
    return [(r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign == "#"]


def bits(rows):
    return [[int(c == "#") for c in row] for row in rows]


CASES = []


def add(label, text, payload=None, more=None):
    number = sum(case["label"] == label for case in CASES) + 1
    CASES.append(
        {
            "id": f"{label}-{number:02}",
            "text": text,
            "label": label,
            "payload": payload,
            "more": more,
        }
    )


def sudoku(number, say):
    """say: a text with GRID where the grid goes, and how the grid is written."""
    text, how = say
    add("sudoku", text.replace("GRID", how(take(number))), PUZZLES[number])


def many(label, first, texts):
    for offset, (text, how, *more) in enumerate(texts):
        number = first + offset
        add(label, text.replace("GRID", how(take(number))), PUZZLES[number], *more)


def mazes(label, first, texts):
    for offset, (text, size, how, *more) in enumerate(texts):
        rows = maze(first + offset, *size)
        grid = how(rows)
        if isinstance(grid, tuple):
            grid, rows = grid
        r, c = find(rows, "S")
        x, y = find(rows, "G")
        told = text.replace("GRID", grid)
        for sign, value in (("{sr}", r), ("{sc}", c), ("{gr}", x), ("{gc}", y)):
            told = told.replace(sign, str(value))
        for sign, value in (("{sr1}", r + 1), ("{sc1}", c + 1), ("{gr1}", x + 1), ("{gc1}", y + 1)):
            told = told.replace(sign, str(value))
        add(
            label,
            told.replace("{h}", str(len(rows))).replace("{w}", str(len(rows[0]))),
            rows,
            *more,
        )


# ------------------------------------------------------------------ 60 Sudokus

many(
    "sudoku",
    0,
    [
        ("GRID", lambda g: "".join(g)),
        (
            "Hello! My grandmother cuts these out of her newspaper and she got stuck on today's. Could you fill in the rest for her? Dots are the empty squares.\n\nGRID\n\nThank you so much :)",
            lines,
        ),
        ("solve\n\nGRID", lambda g: lines(g, "0")),
        (
            "Hi all,\n\nfirst post here. I found this one in an airline magazine and lost my pen halfway. What does the finished grid look like?\n\n[code]\nGRID\n[/code]\n\nCheers,\nTom",
            banded,
        ),
        ("please complete this for me, empty = _ :\nGRID", lambda g: lines(g, "_", " ")),
        (
            ">>> print(puzzle)\nGRID\n\nThis is a sudoku where 0 marks an unknown. Give me the completed array.",
            printed,
        ),
        (
            "I read the board with pandas and got the following frame (NaN = not filled yet). Can you solve it?\n\nGRID",
            framed,
        ),
        ("Sudoku in R, NA is missing. Please return the solved matrix.\n\n> m\nGRID", r_matrix),
        (
            '{"puzzle": GRID, "type": "sudoku"}',
            lambda g: json.dumps([[int(c) if c != "." else None for c in row] for row in g]),
        ),
        (
            "Here's the markup I scraped from the page, could you work out the missing numbers?\n\nGRID",
            html,
        ),
        (
            "Today's Sudoku from the paper:\n\nGRID\n\nI'd be grateful for the solution.",
            lambda g: markdown(g),
        ),
        (
            "Can you solve this sudoku? I exported it from Excel as CSV, so empty fields are just empty.\n\nGRID",
            lambda g: "\n".join(",".join(c if c != "." else "" for c in row) for row in g),
        ),
        ("GRID\n\nwhat's the answer?", plusbox),
        (
            "Kann mir jemand bei diesem Sudoku helfen? Ich komme einfach nicht weiter. Die Punkte sind leere Felder.\n\nGRID\n\nVielen Dank im Voraus!",
            lambda g: lines(g, ".", " "),
        ),
        (
            "Bonjour, pourriez-vous compléter cette grille de sudoku s'il vous plaît ? Les zéros correspondent aux cases vides.\nGRID\nMerci d'avance",
            lambda g: lines(g, "0", " "),
        ),
        (
            "Hola, ¿me ayudas a resolver este sudoku? Las casillas vacías llevan un guion.\n\nGRID",
            lambda g: lines(g, "-", " "),
        ),
        ("board = GRID\n\nsolve this board", listed),
        ("GRID", boxed),
        (
            "On Tue, 3 March, Anna wrote:\n> Dad, can you do this one? I gave up.\n>\nGRID\n>\n> love, A.",
            lambda g: lines(g, ".", " ", "> "),
        ),
        (
            "[14:02] mia: hey can you solve this sudoku\n[14:02] mia: GRID\n[14:03] mia: plsss",
            lambda g: "/".join(g),
        ),
        (
            "The givens are: GRID. Everything else is empty. What is the solution of this sudoku?",
            cells,
        ),
        ("GRID\nplease solve it, x means empty", lambda g: lines(g, "x", " ")),
        ("I dictated this to my phone, it is a sudoku:\nGRID\nWhat goes into the blanks?", spoken),
        (
            "A sudoku for you. Rows from top to bottom, spaces between numbers, question marks where I have nothing yet.\nGRID",
            lambda g: lines(g, "?", " "),
        ),
        (
            "int grid[9][9] = {\nGRID\n};\n\nCan you give me the solved grid in the same format?",
            lambda g: ",\n".join("  {" + ", ".join(map(str, row)) + "}" for row in ints(g)),
        ),
        (
            "Could you solve the sudoku below?\n\n\\begin{array}{|ccc|ccc|ccc|}\n\\hline\nGRID\n\\hline\n\\end{array}",
            lambda g: "\n".join(
                " & ".join(row).replace(".", " ") + " \\\\" + ("\n\\hline" if n in (2, 5) else "")
                for n, row in enumerate(g)
            ),
        ),
        ("Sudoku time 🙂\n\nGRID\n\nFill in the white squares!", emoji),
        ("数独を解いてください。空白は・です。\n\nGRID", lambda g: lines(g, "・")),
        ("请帮我解这个数独，0表示空格：\nGRID", lambda g: lines(g, "0")),
        (
            "Реши, пожалуйста, судоку. Пустые клетки обозначены точками.\n\nGRID\n\nСпасибо!",
            lambda g: lines(g),
        ),
        (
            "A = [GRID];\n\nThat's a Sudoku in MATLAB syntax (0 = blank). What is the filled matrix?",
            lambda g: "; ".join(" ".join(map(str, row)) for row in ints(g)),
        ),
        (
            "puzzle:\nGRID\nPlease solve the sudoku in this yaml.",
            lambda g: "\n".join(f"  - [{', '.join(map(str, row))}]" for row in ints(g)),
        ),
        ("#A Daily\n#D hard one\n#S newspaper\nGRID", lines),
        (
            "I printed it with row numbers, sorry about that:\n\nGRID\n\nWould you mind finishing this sudoku?",
            lambda g: "\n".join(f"{n} | {' '.join(row)}" for n, row in enumerate(g, 1)),
        ),
        (
            "   A B C D E F G H I\nGRID\n\nCan you finish it? Asterisks are cells I have to fill.",
            lambda g: "\n".join(f"{n}  {' '.join(row)}" for n, row in enumerate(g, 1)).replace(
                ".", "*"
            ),
        ),
        (
            "My 8 year old brought this home from school and none of us adults can do it, which is a bit embarrassing. It's the usual thing: each row, each column and each 3x3 box must contain 1 to 9 exactly once. Can you tell us the answer?\n\nGRID",
            lambda g: banded(g, "_", "------|-------|------"),
        ),
        (
            "@@ -0,0 +1,9 @@\nGRID\n\nSomebody committed a sudoku. What is its solution?",
            lambda g: lines(g, ".", "", "+"),
        ),
        (
            "const board = [\nGRID\n];\n// solve it, please. '.' is an empty cell",
            lambda g: ",\n".join("  [" + ",".join(f'"{c}"' for c in row) + "]" for row in g),
        ),
        (
            "Solve this puzzle.\n\nFirst row: GRID",
            lambda g: "\n".join(
                f"{a} row: {' '.join(row).replace('.', '-')}"
                for a, row in zip(
                    [
                        "",
                        "Second",
                        "Third",
                        "Fourth",
                        "Fifth",
                        "Sixth",
                        "Seventh",
                        "Eighth",
                        "Ninth",
                    ],
                    g,
                    strict=True,
                )
            ).replace(" row: ", "", 1),
        ),
        (
            "Olá! Alguém consegue resolver este sudoku? É do jornal do meu avô.\n\nGRID\n\nObrigada!",
            lambda g: plusbox(g, "."),
        ),
        (
            "Ciao, mi risolvi questo sudoku? I trattini bassi sono le caselle vuote.\n\nGRID\n\nGrazie mille",
            lambda g: banded(g, "_"),
        ),
        (
            "Given digits (row, column, value), counted from 1, of a standard Sudoku:\n\nGRID\n\nPlease find the rest.",
            lambda g: cells(g, "({r}, {c}, {v})", "\n"),
        ),
        ("Sudoku: GRID", lambda g: "".join(g).replace(".", "0")),
        (
            "wrote it in excel. A1 is the top left corner, letters are columns:\nGRID\ncan u fill the remaining cells of my sudoku",
            lambda g: cells(g, "{L}{r}={v}", "; "),
        ),
        (
            "Hey there, hope you're having a nice week! I was on the train this morning and somebody had left a magazine with a half-done puzzle on the seat. I couldn't get it out of my head. Here it is as far as I remember it, with o for the empty ones:\n\nGRID\n\nIs there any chance you could solve it for me? Take your time.",
            lambda g: lines(g, "o", " "),
        ),
        ("puzzle,GRID\nWhat is the solution string?", lambda g: "".join(g)),
        (
            "grid = {\nGRID\n}\nSolve the sudoku; keys are rows.",
            lambda g: "\n".join(f'  "{"ABCDEFGHI"[n]}": "{row}",' for n, row in enumerate(g)),
        ),
        (
            "In [4]: board\nOut[4]:\narray([GRID])\n\nWhat would the solved board be?",
            lambda g: ",\n       ".join("[" + ", ".join(map(str, row)) + "]" for row in ints(g)),
        ),
        (
            "Witam, proszę o rozwiązanie tego sudoku:\nGRID\nZ góry dziękuję",
            lambda g: lines(g, "0", " "),
        ),
        (
            "Kan iemand deze sudoku oplossen? De lege vakjes zijn streepjes.\n\nGRID",
            lambda g: banded(g, "-"),
        ),
        (
            "Solve: GRID\nDigits are row by row, a blank is written as a space between pipes.",
            lambda g: "\n" + "\n".join("|" + "|".join(row).replace(".", " ") + "|" for row in g),
        ),
        (
            "let board: [[u8; 9]; 9] = [\nGRID\n];\n\nthis is sudoku number 17 of my collection, what's the unique solution?",
            lambda g: "\n".join(f"    [{', '.join(map(str, row))}]," for row in ints(g)),
        ),
        (
            "Good evening. I am practising for a tournament and I would like to compare my result with yours. The puzzle was the following; blank squares are marked with a dot.\n\nGRID\n\nKind regards\nMargaret",
            lambda g: lines(g, ".", "  "),
        ),
        (
            "Here is a picture I typed off as text. Each ▢ is an empty cell.\n\nGRID\n\nSolve it please.",
            lambda g: lines(g, "▢", " "),
        ),
        (
            "this sudoku is driving me nuts!!! can anybody solve it??\nGRID",
            lambda g: "\n".join(
                "".join(row[:3]) + " " + row[3:6] + " " + row[6:] for row in g
            ).replace(".", "*"),
        ),
        (
            "GRID\n\nThe above is my sudoku with tabs between the values; empty cells are left empty. Fill it in.",
            lambda g: "\n".join("\t".join(c if c != "." else "" for c in row) for row in g),
        ),
        (
            "I have 9 rows. GRID. Could you work out the missing digits for this sudoku?",
            lambda g: "; ".join(
                f"row {n} is {row.replace('.', '0')}" for n, row in enumerate(g, 1)
            ),
        ),
        (
            "```\nGRID\n```\nPlease post the completed version of the sudoku above.",
            lambda g: plusbox(g, "·"),
        ),
        ("Rozwiąż / solve / löse:\n\nGRID", lambda g: lines(g, "#", " ")),
        (
            "Task: complete the following Sudoku. A nought means that the square is empty. Output: the nine rows.\n\nInput:\nGRID\nOutput:",
            lambda g: lines(g, "0", ","),
        ),
    ],
)

# ------------------------------------------------------------------ 40 mazes


def with_inner(how):
    def tell(rows):
        return how(inner(rows)), inner(rows)

    return tell


def bare(rows):
    """Without the two ends."""
    return [row.replace("S", " ").replace("G", " ") for row in rows]


mazes(
    "maze",
    100,
    [
        ("Find the way from S to G:\n\nGRID", (4, 4), drawn),
        (
            "Can you get me out of here? S is me, E is the exit, # are walls.\n\nGRID",
            (5, 5),
            lambda m: drawn(m, "# SE"),
        ),
        (
            "What's the shortest path through this maze? Dots are floor, A is where I start and B where I want to be.\n\nGRID",
            (5, 6),
            lambda m: drawn(m, "#.AB"),
        ),
        (
            "Please solve the maze.\nGRID\nLegend: X wall, _ corridor, s start, t target",
            (4, 6),
            lambda m: drawn(m, "X_st"),
        ),
        (
            "My son drew a labyrinth on the computer, can you show him the shortest route?\n\nGRID\n\n(█ = hedge, S = the rabbit, G = the carrots)",
            (6, 6),
            lambda m: drawn(m, "█ SG"),
        ),
        (
            "🧱 are walls, 🐭 is the mouse and 🧀 the cheese. How does the mouse get to the cheese?\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "🧱⬜🐭🧀"),
        ),
        ("GRID", (5, 5), drawn),
        (
            "Thin walled maze, S start, E end. Shortest way, please:\n\nGRID",
            (4, 5),
            lambda m: thin(m, "SE"),
        ),
        (
            "Löse bitte dieses Labyrinth! Von S nach Z, die Rauten sind Mauern.\n\nGRID\n\nDanke!",
            (5, 5),
            lambda m: drawn(m, "# SZ"),
        ),
        (
            "Trouve le chemin le plus court de D (départ) à A (arrivée). Les # sont les murs.\n\nGRID",
            (5, 5),
            lambda m: drawn(m, "#.DA"),
        ),
        (
            "¿Cuál es el camino más corto en este laberinto? I = inicio, F = final, # = pared.\n\nGRID",
            (4, 5),
            lambda m: drawn(m, "#.IF"),
        ),
        (
            "maze = GRID\n\n1 is a wall, 0 is free. Start ({sr}, {sc}), goal ({gr}, {gc}), rows and columns counted from 0. Shortest path?",
            (4, 4),
            lambda m: str(bits(m)),
        ),
        (
            "In this grid 0 means open and 1 means blocked. Go from row {sr}, column {sc} to row {gr}, column {gc} (zero-based). What is the shortest path?\n\nGRID",
            (5, 4),
            lambda m: "\n".join(" ".join(map(str, row)) for row in bits(m)),
        ),
        (
            "Maze (0 = wall, 1 = path), 2 = start, 3 = end. Solve it.\nGRID",
            (4, 4),
            lambda m: drawn(m, "0123", " "),
        ),
        (
            '{"maze": GRID, "start": [{sr}, {sc}], "end": [{gr}, {gc}]}',
            (4, 4),
            lambda m: json.dumps(bare(m)),
        ),
        (
            "On a {h} by {w} grid there are obstacles at GRID. I start at ({sr},{sc}) and want to go to ({gr},{gc}); coordinates are (row,column) starting with 0. I move up, down, left or right. What is the shortest path?",
            (3, 3),
            with_inner(lambda m: ", ".join(f"({r},{c})" for r, c in walls(m))),
        ),
        (
            "Help the knight find the treasure!\n\nGRID\n\nK = knight, T = treasure, # = stone, . = grass",
            (5, 7),
            lambda m: drawn(m, "#.KT"),
        ),
        ("> solve maze\n```\nGRID\n```", (6, 5), lambda m: drawn(m, "# SE")),
        ("How do I get from @ to $ here? % is wall.\n\nGRID", (4, 5), lambda m: drawn(m, "% @$")),
        (
            "I need the quickest route for a warehouse robot. R is the robot, D the dock, '#' shelves and '-' free floor.\n\nGRID",
            (4, 6),
            lambda m: drawn(m, "#-RD"),
        ),
        (
            "grid = [\nGRID\n]\nFind the path from 'S' to 'E'.",
            (4, 4),
            lambda m: ",\n".join(f"  {list(row)}" for row in drawn(m, "#.SE").split("\n")),
        ),
        (
            "Hi, the puzzle page of our parish newsletter had this maze in it. Could you please draw in the shortest way from the church (C) to the pub (P)? Hash marks are hedges.\n\nGRID\n\nMany thanks, Edith",
            (5, 6),
            lambda m: drawn(m, "# CP"),
        ),
        ("this is a maze with thin walls, how do I get from S to G\n\nGRID", (5, 4), thin),
        (
            "迷路を解いてください。■は壁、□は道、Sはスタート、Gはゴールです。\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "■□SG"),
        ),
        ("请找出从S到E的最短路径，#是墙，.是路：\nGRID", (4, 5), lambda m: drawn(m, "#.SE")),
        (
            "Найди кратчайший путь от S до F. Решётка - стена, точка - проход.\n\nGRID",
            (5, 4),
            lambda m: drawn(m, "#.SF"),
        ),
        (
            "GRID\n\nO is the entrance, X the exit; solid blocks are walls. Solve please.",
            (4, 5),
            lambda m: drawn(m, "█ OX"),
        ),
        (
            "| GRID\n\nThat's a maze as a table (W wall, blank free). Way from S to G?",
            (3, 4),
            lambda m: "\n| ".join(
                " | ".join(row).replace("#", "W")
                + " |"
                + ("\n|" + "---|" * len(row) if n == 0 else "")
                for n, row in enumerate(m)
            ),
        ),
        (
            "W,W... sorry, here's the CSV of the maze, W = wall, P = path, S = start, E = end:\nGRID\nShortest path?",
            (4, 4),
            lambda m: drawn(m, "WPSE", ","),
        ),
        (
            "[20:11] jo: stuck in this dungeon, P is me and > the stairs\n[20:11] jo: GRID\n[20:12] jo: which way do i have to go",
            (4, 6),
            lambda m: "\n" + drawn(m, "#.P>"),
        ),
        (
            "Proszę znaleźć najkrótszą drogę w labiryncie od S do K (# to ściana).\nGRID",
            (5, 5),
            lambda m: drawn(m, "# SK"),
        ),
        (
            "Wat is de kortste weg door dit doolhof van S naar E?\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "# SE"),
        ),
        (
            "Each cell is separated by a space. # wall, . free. Start top: S, finish: F.\nGRID\nWhat's the minimal path?",
            (5, 5),
            lambda m: drawn(m, "#.SF", " "),
        ),
        (
            "Hello, I'm learning path finding and drew a test case by hand. You can walk north, south, east and west through the spaces; every step counts as one. Could you give me the shortest path from S to G so that I can compare?\n\nGRID",
            (6, 7),
            drawn,
        ),
        (
            "⬛⬛ maze! green is start, red is the end:\n\nGRID\n\nfind the way pls",
            (4, 4),
            lambda m: drawn(m, "⬛⬜🟩🟥"),
        ),
        (
            "```python\nm = '''\nGRID\n'''\n```\nReturn the shortest path through m from S to E.",
            (4, 6),
            lambda m: drawn(m, "#.SE"),
        ),
        (
            "Solve for the shortest path from S to E in this 2D char matrix:\nGRID",
            (4, 5),
            lambda m: json.dumps([list(row) for row in drawn(m, "#.SE").split("\n")]),
        ),
        (
            "Qual é o caminho mais curto do S ao F neste labirinto?\n\nGRID\n\n# são paredes e . são corredores.",
            (4, 4),
            lambda m: drawn(m, "#.SF"),
        ),
        (
            "Can you solve this garden maze? Tildes are water, dots are lawn.\nGRID\nI come in at S and leave at E.",
            (4, 5),
            lambda m: drawn(m, "~.SE"),
        ),
        ("A big one from a puzzle book, S to G:\n\nGRID\n\nThanks!", (9, 10), drawn),
    ],
)

# ------------------------------------------------------------------ 15 ARC


def task(rule, sizes, colours, seed):
    rng = random.Random(seed)

    def grid(high, wide):
        return [
            [
                colours[int(rng.random() * len(colours))] if rng.random() < 0.5 else 0
                for _ in range(wide)
            ]
            for _ in range(high)
        ]

    pairs = [(one, rule(one)) for one in (grid(*size) for size in sizes)]
    return {
        "train": [{"input": a, "output": b} for a, b in pairs[:-1]],
        "test": [{"input": pairs[-1][0]}],
    }


def mirrored(grid):
    return [row[::-1] for row in grid]


def turned(grid):
    return [list(row) for row in zip(*grid[::-1], strict=True)]


def recoloured(grid):
    return [[{1: 2, 2: 1}.get(v, v) for v in row] for row in grid]


def doubled(grid):
    return [row + row for row in grid]


def flipped(grid):
    return grid[::-1]


def bare_grid(grid, gap=" "):
    return "\n".join(gap.join(map(str, row)) for row in grid)


def pairs_told(t, first="Input:", second="Output:", last="Test input:", gap=" "):
    out = []
    for pair in t["train"]:
        out += [first, bare_grid(pair["input"], gap), second, bare_grid(pair["output"], gap), ""]
    return "\n".join([*out, last, bare_grid(t["test"][0]["input"], gap)])


ARCS = [
    task(mirrored, [(3, 3), (3, 4), (4, 4), (3, 5)], [1, 2], 1),
    task(turned, [(3, 3), (4, 3), (3, 4)], [3, 5], 2),
    task(recoloured, [(4, 4), (3, 3), (5, 5)], [1, 2], 3),
    task(doubled, [(2, 3), (3, 3), (3, 2)], [4, 7], 4),
    task(flipped, [(4, 3), (3, 3), (5, 4)], [6, 8], 5),
]

for number, (which, say) in enumerate(
    [
        (0, lambda t: json.dumps(t)),
        (1, lambda t: "Can you solve this ARC task?\n\n" + json.dumps(t)),
        (
            2,
            lambda t: (
                "Here are some examples. Find the output for the last one.\n\n" + pairs_told(t)
            ),
        ),
        (
            3,
            lambda t: (
                "Every input grid is changed into an output grid by the same rule. What is the output for the test?\n\n"
                + pairs_told(t, "in", "out", "test")
            ),
        ),
        (
            4,
            lambda t: "```json\n" + json.dumps(t, indent=1) + "\n```\nPlease give the test output.",
        ),
        (
            0,
            lambda t: (
                "ARC puzzle, digits are colours:\n\n"
                + pairs_told(t, "Train input", "Train output", "Test input", "")
            ),
        ),
        (
            1,
            lambda t: (
                "\n".join(
                    f"Example {n}\n{p['input']} -> {p['output']}"
                    for n, p in enumerate(t["train"], 1)
                )
                + f"\nTest\n{t['test'][0]['input']} -> ?"
            ),
        ),
        (
            2,
            lambda t: (
                "train = "
                + str(t["train"])
                + "\ntest = "
                + str(t["test"])
                + "\nwhat does the output of the test look like?"
            ),
        ),
        (
            3,
            lambda t: (
                "Kannst du diese ARC-Aufgabe lösen?\n\n"
                + pairs_told(t, "Eingabe:", "Ausgabe:", "Test-Eingabe:")
            ),
        ),
        (
            4,
            lambda t: (
                "\n\n".join(
                    f"## Pair {n}\n\n### Input\n```\n{bare_grid(p['input'])}\n```\n### Output\n```\n{bare_grid(p['output'])}\n```"
                    for n, p in enumerate(t["train"], 1)
                )
                + f"\n\n## Test\n\n### Input\n```\n{bare_grid(t['test'][0]['input'])}\n```\n### Output\n?"
            ),
        ),
        (
            0,
            lambda t: (
                "My colleague sent me one of those abstraction and reasoning puzzles. "
                + json.dumps(t)
                + " What's the answer?"
            ),
        ),
        (
            1,
            lambda t: (
                "Find the transformation and apply it to the test grid.\n"
                + "\n".join(
                    f"Input {n}:\n{json.dumps(p['input'])}\nOutput {n}:\n{json.dumps(p['output'])}"
                    for n, p in enumerate(t["train"], 1)
                )
                + f"\nTest input:\n{json.dumps(t['test'][0]['input'])}"
            ),
        ),
        (
            2,
            lambda t: (
                "Voici une tâche ARC. Donne la grille de sortie du test.\n"
                + pairs_told(t, "Entrée :", "Sortie :", "Test :")
            ),
        ),
        (3, lambda t: json.dumps({"id": "007bbfb7x", **t}) + "\n\nsolve"),
        (4, lambda t: pairs_told(t, "INPUT", "OUTPUT", "TEST INPUT") + "\nTEST OUTPUT\n?"),
    ]
):
    del number
    add("arc", say(ARCS[which]), ARCS[which])

# ------------------------------------------------------------------ 35 hybrids

many(
    "hybrid",
    60,
    [
        (
            "Solve this sudoku and then explain how you found the first three digits.\n\nGRID",
            lines,
            "explain how you found the first three digits",
        ),
        (
            "Could you fill this in for me?\n\nGRID\n\nAlso, who invented Sudoku?",
            banded,
            "who invented Sudoku",
        ),
        (
            "Before anything else: what's a good present for a man who turns 70? And he is stuck on this one, so please solve it too:\n\nGRID",
            lambda g: lines(g, "_", " "),
            "what's a good present for a man who turns 70",
        ),
        (
            "Bitte löse das Sudoku und sag mir, wie schwer es ungefähr ist.\n\nGRID",
            lambda g: lines(g, "0", " "),
            "wie schwer es ungefähr ist",
        ),
        (
            "Résous cette grille, puis écris un petit poème sur le chiffre 9.\n\nGRID",
            lines,
            "écris un petit poème sur le chiffre 9",
        ),
        (
            "Resuelve este sudoku. ¿Y me recomiendas un libro para aprender técnicas avanzadas?\n\nGRID",
            lambda g: lines(g, "-", " "),
            "me recomiendas un libro",
        ),
        (
            "GRID\n\nGive me the solution, and write a Python function that checks whether a finished grid is right.",
            listed,
            "write a Python function that checks",
        ),
        (
            "Two things. (1) the completed grid of\nGRID\n(2) a short toast for my sister's wedding.",
            banded,
            "a short toast for my sister's wedding",
        ),
        (
            "My mum asks: what digit belongs in the middle of the grid, and is there more than one solution?\n\nGRID\n\nPlease give her the whole thing solved.",
            plusbox,
            "is there more than one solution",
        ),
        (
            "Solve the puzzle below. In your reply translate 'well done' into Italian, it's for my niece.\n\nGRID",
            lambda g: lines(g, "0"),
            "translate 'well done' into Italian",
        ),
        (
            "Hey, can you finish this sudoku\nGRID\nand btw is it going to be warm in Lisbon in March?",
            lambda g: lines(g, "."),
            "is it going to be warm in Lisbon in March",
        ),
        (
            "Solve it for me please. Then rate its difficulty from 1 to 10 with a reason.\n\nGRID",
            boxed,
            "rate its difficulty",
        ),
        (
            "Here's the newspaper sudoku:\nGRID\nSolution please. The same page has an anagram, 'dirty room' - what is it?",
            lambda g: banded(g, "_"),
            "an anagram, 'dirty room'",
        ),
        (
            "这个数独怎么解？请给出答案，并介绍一下数独的历史。\nGRID",
            lambda g: lines(g, "0"),
            "介绍一下数独的历史",
        ),
        (
            "Решите судоку и напишите, какие приёмы здесь нужны.\n\nGRID",
            lines,
            "какие приёмы здесь нужны",
        ),
        (
            "Ik wil graag de oplossing van deze sudoku. Kun je ook een verjaardagsgedicht voor mijn oma schrijven?\n\nGRID",
            lambda g: lines(g, ".", " "),
            "een verjaardagsgedicht voor mijn oma",
        ),
        (
            "Risolvi il sudoku e dimmi quanti numeri 5 ci sono nella griglia iniziale.\n\nGRID",
            lambda g: lines(g, "0", " "),
            "quanti numeri 5",
        ),
        (
            "What is the sum of the main diagonal once this is solved?\n\nGRID",
            lines,
            "sum of the main diagonal",
        ),
        (
            "Solve and print it as a LaTeX table with coloured givens:\n\nGRID",
            lambda g: lines(g),
            "as a LaTeX table with coloured givens",
        ),
        (
            "quick q: why do sudokus need at least 17 clues? here's todays, solve it as well\nGRID",
            lambda g: "".join(g),
            "why do sudokus need at least 17 clues",
        ),
    ],
)

mazes(
    "hybrid",
    200,
    [
        (
            "Find the shortest path from S to G, and tell me the algorithm you'd use in a real robot.\n\nGRID",
            (4, 4),
            drawn,
            "the algorithm you'd use in a real robot",
        ),
        (
            "GRID\n\nSolve the maze. Also write a bedtime story about the mouse (S) who finds the cheese (G).",
            (5, 5),
            drawn,
            "write a bedtime story",
        ),
        (
            "How many dead ends does this maze have? I'd like the shortest route as well. # wall, S start, E end.\n\nGRID",
            (4, 5),
            lambda m: drawn(m, "# SE"),
            "How many dead ends",
        ),
        (
            "Löse das Labyrinth von S nach Z und erkläre meinem Sohn, was ein Graph ist.\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "# SZ"),
            "was ein Graph ist",
        ),
        (
            "Trouve le chemin de D à A, et compare Dijkstra et A* en deux phrases.\n\nGRID",
            (4, 5),
            lambda m: drawn(m, "#.DA"),
            "compare Dijkstra et A*",
        ),
        (
            "Encuentra la salida del laberinto (de S a E) y escribe el código en Java que lo hace.\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "#.SE"),
            "escribe el código en Java",
        ),
        (
            "What's the way out, S to E?\nGRID\nAnd could you suggest three more mazes of that size for my class?",
            (4, 6),
            lambda m: drawn(m, "#.SE"),
            "suggest three more mazes",
        ),
        (
            "Shortest path from A to B please; and what would change if I removed the wall right below A?\n\nGRID",
            (5, 5),
            lambda m: drawn(m, "#.AB"),
            "what would change if I removed the wall",
        ),
        (
            "Solve this, then book me a table for two in Rome on Friday.\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "# SG"),
            "book me a table",
        ),
        (
            "迷路の最短経路を教えてください。それと、京都のおすすめの庭園も三つ教えてください。\nGRID",
            (4, 4),
            drawn,
            "京都のおすすめの庭園",
        ),
        (
            "GRID\nGo from S to G. Is there a second path of the same length?",
            (4, 5),
            drawn,
            "Is there a second path of the same length",
        ),
        (
            "I'm making a game. Here's level 1, S to G; give me the shortest path, and name ideas for the villain.\n\nGRID",
            (5, 6),
            drawn,
            "name ideas for the villain",
        ),
    ],
)

for which, (text, more) in enumerate(
    [
        (
            "Solve the ARC task and describe the rule in one English sentence:\n",
            "describe the rule in one English sentence",
        ),
        (
            "What is the test output, and how does ARC score submissions?\n",
            "how does ARC score submissions",
        ),
        (
            "Löse die Aufgabe. Und schreib mir bitte eine Funktion, die dasselbe tut.\n",
            "eine Funktion, die dasselbe tut",
        ),
    ]
):
    add("hybrid", text + json.dumps(ARCS[which]), ARCS[which], more)

# ------------------------------------------------------------------ 45 open-ended texts


def full(number):
    """A finished grid: a pattern with its digits renamed."""
    rng = random.Random(number)
    digits = list("123456789")
    rng.shuffle(digits)
    return ["".join(digits[(3 * (r % 3) + r // 3 + c) % 9] for c in range(9)) for r in range(9)]


for text in [
    "What's the capital of Australia, and why isn't it Sydney?",
    "Who made Sudoku popular in Japan?",
    "Write a haiku about getting lost in a hedge maze.",
    "Explain the X-wing technique in Sudoku to a beginner.",
    "How many clues must a Sudoku have at least so that its solution is unique?",
    "I want to write a sudoku solver in Rust. Should I use backtracking or dancing links?",
    "Why does this code print None?\n\ndef solve(board):\n    for r in range(9):\n        for c in range(9):\n            if board[r][c] == 0:\n                pass\n\nprint(solve(board))",
    "Here's my solved sudoku, is it correct?\n\n" + "\n".join(full(1)),
    "Please make me a new easy sudoku for children, about 40 givens, with the solution on a second page.",
    "Invert this matrix for me:\n\n2 1 0\n1 3 1\n0 1 4",
    "Our league table:\n\nTeam  P W D L Pts\nReds  9 6 2 1 20\nBlues 9 5 3 1 18\nGreens 9 2 1 6 7\n\nWho can still win if three matches are left?",
    "Game of life. What does this look like after two generations?\n\n.....\n..#..\n...#.\n.###.\n.....",
    "tic tac toe, I'm X, where should I play?\n\nX O .\n. X .\nO . .",
    "Connect four position, red (R) to move:\n\n.......\n.......\n...R...\n..YR...\n.YRY...\nRYYRR..",
    "White to move and mate in two:\n\nr . . . k . . r\np p p . . p p p\n. . . . . . . .\n. . . Q . . . .\n. . . . P . . .\n. . . . . . . .\nP P P . . P P P\nR . . . K . . R",
    "Word search! Find CAT, DOG and COW:\n\nC A T X W\nO D O G Q\nW Z P L M\nQ W E R T\nY U I O P",
    "Crossword help: 7 letters, 'labyrinth builder', D_E_A_U_. I think the grid is\n\n#.....#\n.##.##.\n.......\n#.###.#",
    "Minesweeper: which of the unknown cells (?) is surely a mine?\n\n1 1 1 0\n1 ? 2 1\n1 2 ? 1\n0 1 1 1",
    "Could you complete this magic square, every row, column and diagonal adds up to 15?\n\n8 1 _\n_ 5 7\n4 _ 2",
    "Solve this 6x6 sudoku with 2x3 boxes:\n\n1 . . 4 . .\n. 5 . . . 2\n. . 3 . 1 .\n. 4 . 6 . .\n5 . . . 3 .\n. . 1 . . 6",
    "KenKen 4x4: top left two cells 3+, next two 8x. How do I start?",
    "Here is a seat plan, # taken, . free. How many free seats are there in row 3?\n\n##..##\n#.##..\n##.#.#\n......",
    "Correlate these two columns:\n\n1.2 3.4\n2.2 4.1\n3.1 5.9\n4.7 7.7",
    "What's wrong with this SQL?\n\nSELECT name, COUNT(*) FROM orders WHERE COUNT(*) > 3 GROUP BY name;",
    "Summarise: In Greek mythology, the Labyrinth was an elaborate structure designed by Daedalus for King Minos of Crete at Knossos. Its function was to hold the Minotaur, the monster eventually killed by the hero Theseus.",
    "Übersetze bitte ins Englische: 'Das Labyrinth hat nur einen Ausgang, und den findet niemand.'",
    "¿Qué diferencia hay entre un laberinto y un dédalo?",
    "Quelle est la meilleure stratégie pour finir un sudoku diabolique en moins de dix minutes ?",
    "My phone number is 5309174862 and my order was 800701452. Where is my parcel?",
    "Monthly rainfall in mm:\n\nJan Feb Mar Apr May Jun Jul Aug Sep\n78 55 61 49 52 64 71 80 69\n82 60 58 51 49 60 75 77 70\nWhich year was drier?",
    "Is the following maze generator correct? It makes loops sometimes.\n\ndef carve(x, y):\n    for dx, dy in shuffled(DIRS):\n        if grid[y+dy][x+dx] == '#':\n            grid[y+dy][x+dx] = '.'\n            carve(x+dx, y+dy)",
    "What does 'grid[0][0] = 1' do in numpy when grid is a view?",
    "Plan a weekend in Porto for two people who like tiles and wine.",
    "I've got a sudoku with two solutions, how can that be? My teacher says that's not allowed.",
    "Design a maze for my dog, about 5 m by 5 m, from cardboard boxes. What should I watch out for?",
    "ASCII art of a house please. Mine looks like this:\n\n  /\\  \n /  \\ \n/____\\\n|    |\n| [] |\n|____|",
    "bingo card:\n\nB  I  N  G  O\n3 17 33 50 61\n9 20 41 47 70\n12 16 ** 58 66\n1 29 38 46 72\n\nI have 3, 20 and 58 so far. What are my chances with ten more numbers?",
    "Here's my cube net, which move comes next?\n\n    WWW\n    WWW\n    WWW\nOOO GGG RRR BBB\nOOO GGG RRR BBB\nOOO GGG RRR BBB\n    YYY\n    YYY\n    YYY",
    "Tab for the intro:\n\ne|-----0-----0---|\nB|---1-----1-----|\nG|-0-----0-----0-|\nD|---------------|\nA|-3-------------|\nE|---------------|\n\nWhich chord is that?",
    "How are ARC-AGI tasks different from ordinary IQ tests?",
    "Explain what a Hierarchical Reasoning Model is, as if I were twelve.",
    "Compare these two Sudoku apps for my dad: one has large print, the other daily competitions.",
    "distance table (km):\n\n   A  B  C  D\nA  0  5  9  4\nB  5  0  3  7\nC  9  3  0  2\nD  4  7  2  0\n\nWhat's the shortest round trip through all four towns?",
    "数独と魔方陣の違いは何ですか？",
    "Nonogram, rows 3 / 1 1 / 3, columns 3 / 1 1 / 3. What's the picture?",
]:
    add("llm", text)

# ------------------------------------------------------------------ 25 further or changed rules

many(
    "rule",
    85,
    [
        (
            "Solve this, please. Besides the usual things, each of the two long diagonals also has every digit once.\n\nGRID",
            lines,
        ),
        (
            "Here's this week's special from the magazine. The shaded cells in the four extra 3x3 squares (rows 2-4 and 6-8, columns 2-4 and 6-8) must hold 1 to 9 as well. Can you fill it?\n\nGRID",
            banded,
        ),
        (
            "Please fill in the grid. Two equal digits may never be a knight's jump apart.\n\nGRID",
            lambda g: lines(g, "0", " "),
        ),
        (
            "Can you finish it? Note that neighbouring cells mustn't contain consecutive numbers.\n\nGRID",
            plusbox,
        ),
        (
            "Bitte lösen. Zusätzlich muss die Summe der ersten drei Felder in Zeile 1 gleich 15 sein.\n\nGRID",
            lambda g: lines(g, ".", " "),
        ),
        (
            "Solve this sudoku. The cells r1c1, r1c2 and r2c1 add up to 20, and r9c8 plus r9c9 make 11.\n\nGRID",
            lines,
        ),
        (
            "Complète la grille ; les chiffres sur la ligne grise, de la case A1 à la case A5, doivent aller en croissant.\n\nGRID",
            lambda g: lines(g, "0"),
        ),
        ("Solve, but in this one there are no boxes: only rows and columns count.\n\nGRID", lines),
        ("fill this in pls, the middle cell has to be even\n\nGRID", lambda g: banded(g, "_")),
        (
            "I'd like a solution that doesn't use the digit 7 in the top row, if you can.\n\nGRID",
            lambda g: lines(g, "-", " "),
        ),
        (
            "My aunt's version of it: a digit may not appear in the same position of two boxes. Please solve it for her.\n\nGRID",
            lambda g: lines(g),
        ),
        (
            "Completa el sudoku. Ojo: las dos casillas a cada lado de una línea gruesa suman siempre menos de 15.\n\nGRID",
            lambda g: lines(g, "0", " "),
        ),
        (
            "Please solve. The given 4 or whatever stands in the first filled cell is a misprint and should be treated as empty.\n\nGRID",
            lines,
        ),
    ],
)

mazes(
    "rule",
    300,
    [
        ("Find the shortest path from S to G. You can also go diagonally.\n\nGRID", (4, 4), drawn),
        (
            "Shortest way from S to E please. Whoever leaves on the left side comes in again on the right.\n\nGRID",
            (4, 5),
            lambda m: drawn(m, "# SE"),
        ),
        (
            "How do I get from S to G if I'm allowed to break through at most one wall?\n\nGRID",
            (5, 5),
            drawn,
        ),
        ("Solve the maze, S to G, but don't step on the third row.\n\nGRID", (5, 5), drawn),
        (
            "Find the best route from A to B. Every left turn costs five extra steps.\n\nGRID",
            (5, 5),
            lambda m: drawn(m, "#.AB"),
        ),
        (
            "Von S nach Z bitte, aber jedes Feld in der rechten Hälfte kostet doppelt.\n\nGRID",
            (4, 5),
            lambda m: drawn(m, "# SZ"),
        ),
        (
            "The robot starts at S and has to be at G after at most 9 moves. What's its path?\n\nGRID",
            (4, 4),
            drawn,
        ),
        (
            "Get from S to G; before that you have to pick up the key in the bottom left corner.\n\nGRID",
            (5, 5),
            drawn,
        ),
        (
            "I can jump over a single block if there is floor behind it. Shortest path from S to G?\n\nGRID",
            (5, 4),
            drawn,
        ),
        (
            "Trouve le chemin de D à A sans jamais aller vers le haut.\n\nGRID",
            (4, 4),
            lambda m: drawn(m, "#.DA"),
        ),
        (
            "On ice you slide until you hit something. How does the penguin (S) reach the fish (G)?\n\nGRID",
            (4, 5),
            drawn,
        ),
        (
            "Please give me the longest path from S to G that visits no cell twice.\n\nGRID",
            (4, 4),
            drawn,
        ),
    ],
)
