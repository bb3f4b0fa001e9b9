"""The App's own log of webhook deliveries, and sending one once more."""

from datetime import timedelta

from bot.sandbox.errors import Refusal
from bot.sandbox.payloads.deliveries import hook_delivery_item_json
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
    size = page_size(request)
    if "cursor" in request.query:
        digits = request.query["cursor"].removeprefix("v1_")
        if not digits.isdecimal():
            raise Refusal("UNPROCESSABLE", "cursor is not one of ours", field="cursor", code="invalid")
        found = [each for each in found if each.id <= int(digits)]
    headers = next_link(request, cursor=f"v1_{found[size].id}") if len(found) > size else {}
    return Reply(200, [hook_delivery_item_json(each) for each in found[:size]], headers)


async def redeliver(request: Request) -> Reply:
    """POST /app/hook/deliveries/{id}/attempts: the same webhook, as a delivery of its own."""
    wanted = request.number("delivery_id")
    delivery = next((each for each in request.world.deliveries if each.id == wanted and each.over), None)
    if delivery is None:
        raise Refusal("NOT_FOUND", "no such delivery")
    if request.world.clock.now() - delivery.at > REDELIVERED_FOR:
        raise Refusal("UNPROCESSABLE", "The delivery is too old to be redelivered")
    request.world.deliveries.append(request.world.webhooks.send_again(delivery))
    return Reply(202, {})


ENDPOINTS = [
    Endpoint("GET", "/app/hook/deliveries", list_deliveries, caller="app"),
    Endpoint("POST", r"/app/hook/deliveries/{delivery_id:\d+}/attempts", redeliver, caller="app"),
]
