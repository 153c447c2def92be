"""Microsoft.Insights: the metrics of a VM. Every metric keeps the same value."""

import re
from datetime import datetime, timedelta

from remediator.simulator.compute.routes import VM, vm_of
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.routing import Call, Route

_DEFAULT = {
    "Percentage CPU": 12.0,
    "VM Cached IOPS Consumed Percentage": 3.0,
    "VM Uncached IOPS Consumed Percentage": 4.0,
    "OS Disk IOPS Consumed Percentage": 2.0,
    "Data Disk IOPS Consumed Percentage": 2.0,
    "Available Memory Bytes": 4.0 * 1024**3,
    "VmAvailabilityMetric": 1.0,
}
_INTERVAL = re.compile(r"(?:P(\d+)D|PT(\d+)H|PT(\d+)M)", re.IGNORECASE)
_MOST = 1440
"""The most points of one series."""


def _bad(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message, envelope="compute")


def _span(call: Call) -> tuple[datetime, datetime]:
    text = call.query.get("timespan")
    if text is None:
        return call.world.now - timedelta(hours=1), call.world.now
    try:
        begin, _, end = text.replace(" ", "+").partition("/")
        return datetime.fromisoformat(begin), datetime.fromisoformat(end)
    except ValueError as error:
        raise _bad(f"Invalid time span: {text}") from error


def _interval(call: Call) -> timedelta:
    match = _INTERVAL.fullmatch(call.query.get("interval", "PT1M"))
    if match is None:
        raise _bad("Detected invalid time grain input.")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    step = timedelta(days=days, hours=hours, minutes=minutes)
    if not step:
        raise _bad("Detected invalid time grain input.")
    return step


def _series(call: Call, value: float | None) -> list[Json]:
    (begin, end), step = _span(call), _interval(call)
    asked = [each.strip().lower() for each in call.query.get("aggregation", "Average").split(",")]
    points: list[Json] = []
    while begin < end and len(points) < _MOST:
        measured = {} if value is None else dict.fromkeys(asked, value)
        points.append({"timeStamp": begin.strftime("%Y-%m-%dT%H:%M:%SZ")} | measured)
        begin += step
    return points


def _metrics(call: Call) -> Reply:
    """Answer with the requested metrics. A VM that is off measures nothing."""
    vm = vm_of(call)
    known = _DEFAULT | vm.metrics
    names = call.query.get("metricnames", "Percentage CPU").split(",")
    found = {
        name: next((k for k in known if k.lower() == name.strip().lower()), None) for name in names
    }
    begin, end = _span(call)
    rows: list[Json] = []
    for name, metric in found.items():
        if metric is None:
            raise _bad(
                "Failed to find metric configuration for provider: Microsoft.Compute, resource "
                f"Type: virtualMachines, metric: {name}, Valid metrics: {','.join(known)}"
            )
        data = _series(call, known[metric] if vm.power == "running" else None)
        unit = "Percent" if "Percentage" in metric else "Bytes" if "Bytes" in metric else "Count"
        rows.append(
            {
                "id": f"{vm.arm_id}/providers/Microsoft.Insights/metrics/{metric}",
                "type": "Microsoft.Insights/metrics",
                "name": {"value": metric, "localizedValue": metric},
                "unit": unit,
                "timeseries": [{"metadatavalues": [], "data": data}],
                "errorCode": "Success",
            }
        )
    return Reply(
        200,
        {
            "cost": 0,
            "timespan": f"{begin:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
            "interval": call.query.get("interval", "PT1M"),
            "value": rows,
            "namespace": "Microsoft.Compute/virtualMachines",
            "resourceregion": vm.location,
        },
    )


ROUTES = [
    Route(
        "GET",
        f"{VM}/providers/Microsoft.Insights/metrics",
        "Microsoft.Insights/metrics/read",
        _metrics,
    )
]
