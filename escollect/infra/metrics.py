"""Numbers for Prometheus: gauges of the stages, counted at every reading, so nothing must be kept in step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from escollect.infra import health

Reading = Callable[[], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number, or one number for each value of a label."""

    name: str
    help: str
    label: str
    read: Reading


_gauges: dict[str, Gauge] = {}


def register(name: str, help_text: str, read: Reading, label: str = "") -> None:
    """Add the gauge `escollect_<name>`.

    `read` returns label value → number; a gauge without a label returns one number under the key "".
    """
    _gauges[name] = Gauge(f"escollect_{name}", help_text, label, read)


def render() -> str:
    """All gauges in the text format of Prometheus, in the order of their names."""
    lines: list[str] = []
    for name in sorted(_gauges):
        gauge = _gauges[name]
        lines += [f"# HELP {gauge.name} {_escape(gauge.help)}", f"# TYPE {gauge.name} gauge"]
        lines += [_line(gauge, value, number) for value, number in sorted(gauge.read().items())]
    return "\n".join(lines) + "\n"


def _line(gauge: Gauge, value: str, number: float) -> str:
    labels = f'{{{gauge.label}="{_escape(value)}"}}' if gauge.label else ""
    return f"{gauge.name}{labels} {number:g}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _sweep_age() -> dict[str, float]:
    age = health.get_age(health.SWEEP)
    return {} if age is None else {"": round(age.total_seconds(), 3)}


register("sweep_age_seconds", "Seconds since the last sweep went through.", _sweep_age)
