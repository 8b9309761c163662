"""What schemathesis needs to know to get past the front door: a worker's token, and the digest of what it sends."""

import base64
import hashlib
import os
import urllib.parse

import requests
import schemathesis
from schemathesis.generation import GenerationMode

BASE = os.environ["LEDSAGA_GATEWAY"]
CALLBACK = "http://127.0.0.1:49152/callback"
VERIFIER = "a-verifier-of-at-least-forty-three-characters-"


@schemathesis.auth(refresh_interval=300)
class Worker:
    """Signs Astrid in, as the application does."""

    def get(self, case, context):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
        asked = {
            "response_type": "code",
            "client_id": "ledsaga-desktop",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "worker": "demo-astrid",
        }
        back = requests.post(f"{BASE}/demo/oidc/authorize", data=asked, allow_redirects=False, timeout=10)
        query = urllib.parse.parse_qs(urllib.parse.urlparse(back.headers["location"]).query)
        traded = {
            "grant_type": "authorization_code",
            "client_id": "ledsaga-desktop",
            "redirect_uri": CALLBACK,
            "code": query["code"][0],
            "code_verifier": VERIFIER,
        }
        return requests.post(f"{BASE}/demo/oidc/token", data=traded, timeout=10).json()["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.serializer("application/partial-upload")
def chunk(context, value):
    """A part of a file is its bytes."""
    return value if isinstance(value, bytes) else str(value).encode()


class Digested(requests.auth.AuthBase):
    """Says the digest of what is really sent, and the key that belongs to the path."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if "content-digest" in request.headers:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            request.headers["content-digest"] = f"sha-256=:{digest}:"
        if "idempotency-key" in request.headers:
            name = urllib.parse.urlparse(request.url).path.rsplit("/", 1)[-1]
            request.headers["idempotency-key"] = f'"{name}"'
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    """Wrong requests stay wrong; right ones are made right to the last header."""
    if case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
        kwargs["auth"] = Digested()
