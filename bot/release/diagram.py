"""The transition table as a Mermaid state diagram; the README's is made by this and kept equal by a test."""

from bot.release.model import Phase
from bot.release.rows.row import Row
from bot.release.table import TABLE


def diagram() -> str:
    """`stateDiagram-v2` source: an arrow for each way out of a phase, a note for what holds a release in it."""
    lines = ["stateDiagram-v2", f"    [*] --> {Phase.REQUESTED}"]
    for phase in dict.fromkeys(row.phase for row in TABLE):
        rows = [row for row in TABLE if row.phase is phase]
        lines += _arrows(rows)
        blocking = [row.answer for row in rows if row.blocks]
        if blocking:
            lines.append(f"    note right of {phase}")
            lines.append("        blocked when:")
            lines += [f"        {answer}" for answer in blocking]
            lines.append("    end note")
    lines += [f"    {phase} --> [*]" for phase in Phase if phase.is_end]
    return "\n".join(lines)


def _arrows(rows: list[Row]) -> list[str]:
    reasons: dict[tuple[Phase, Phase], list[str]] = {}
    for row in rows:
        if row.then is not row.phase:
            reasons.setdefault((row.phase, row.then), []).append(row.answer)
    return [f"    {source} --> {target}: {', or '.join(why)}" for (source, target), why in reasons.items()]
