"""The App's own log of webhook deliveries, and sending one once more."""

from datetime import timedelta

from bot.sandbox.errors import Refusal
from bot.sandbox.model import Delivery
from bot.sandbox.payloads.deliveries import compact, hook_delivery_item_json, hook_delivery_json
from bot.sandbox.rest.http import Endpoint, Reply, Request, next_link, page_size

REDELIVERED_FOR = timedelta(days=3)
"""What was sent before that cannot be sent again."""


async def list_deliveries(request: Request) -> Reply:
    """GET /app/hook/deliveries, newest first; pages are walked by the `cursor` in the Link header."""
    wanted = request.query.get("status")
    if wanted not in (None, "success", "failure"):
        raise Refusal("UNPROCESSABLE", "status is not one of success, failure", field="status", code="invalid")
    found = [each for each in reversed(request.world.deliveries) if each.over]
    if wanted is not None:
        found = [each for each in found if each.succeeded == (wanted == "success")]
    cursor, size = request.query.get("cursor"), page_size(request)
    if cursor is not None:
        begin = _position(cursor)
        found = [each for each in found if each.id <= begin]
    headers = next_link(request, cursor=f"v1_{found[size].id}") if len(found) > size else {}
    return Reply(200, [hook_delivery_item_json(each) for each in found[:size]], headers)


def _position(cursor: str) -> int:
    digits = cursor.removeprefix("v1_")
    if not digits.isdecimal():
        raise Refusal("UNPROCESSABLE", "cursor is not one of ours", field="cursor", code="invalid")
    return int(digits)


async def get_delivery(request: Request) -> Reply:
    """GET /app/hook/deliveries/{id}: with what was sent."""
    world, delivery = request.world, _delivery(request)
    headers = world.webhooks.headers(delivery, compact(delivery.payload))
    return Reply(200, hook_delivery_json(delivery, headers, world.app.webhook_url))


async def redeliver(request: Request) -> Reply:
    """POST /app/hook/deliveries/{id}/attempts: the same webhook, as a delivery of its own."""
    delivery = _delivery(request)
    if request.world.clock.now() - delivery.at > REDELIVERED_FOR:
        raise Refusal("UNPROCESSABLE", "The delivery is too old to be redelivered")
    request.world.deliveries.append(request.world.webhooks.send_again(delivery))
    return Reply(202, {})


def _delivery(request: Request) -> Delivery:
    wanted = request.number("delivery_id")
    found = next((each for each in request.world.deliveries if each.id == wanted and each.over), None)
    if found is None:
        raise Refusal("NOT_FOUND", "no such delivery")
    return found


_ONE = r"/app/hook/deliveries/{delivery_id:\d+}"
ENDPOINTS = [
    Endpoint("GET", "/app/hook/deliveries", list_deliveries, caller="app"),
    Endpoint("GET", _ONE, get_delivery, caller="app"),
    Endpoint("POST", f"{_ONE}/attempts", redeliver, caller="app"),
]
