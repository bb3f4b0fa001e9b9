"""Webhook deliveries as the App's log shows them."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bot.sandbox.model import Delivery
from bot.sandbox.payloads.common import Json, stamp

UNREACHABLE = 502
"""The status code that stands for no answer."""


def compact(payload: Mapping[str, Any]) -> bytes:
    """A payload as the bytes that are sent."""
    return json.dumps(payload, separators=(",", ":")).encode()


def hook_delivery_item_json(record: Delivery) -> Json:
    """One line of the log."""
    code = UNREACHABLE if record.status is None else record.status
    return {
        **{name: getattr(record, name) for name in ("id", "guid", "redelivery", "event", "action")},
        "delivered_at": stamp(record.at),
        "duration": 0.05,
        "status": _status(record),
        "status_code": code,
        "installation_id": (record.payload.get("installation") or {}).get("id"),
        "repository_id": (record.payload.get("repository") or {}).get("id"),
    }


def _status(record: Delivery) -> str:
    if record.status is None:
        return "failed to connect"
    return "OK" if record.succeeded else f"Invalid HTTP Response: {record.status} {HTTPStatus(record.status).phrase}"
