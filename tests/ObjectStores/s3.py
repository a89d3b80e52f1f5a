#!/usr/bin/env python3
"""Signed requests to an object store, by nothing but Python's own library: what the trials ask of it themselves.

  s3.py METHOD PATH [FILE]        one request; the body of the answer on standard output, exit code 1 for a refusal
  s3.py many COUNT PATH FILE      PUT FILE COUNT times, "{}" in PATH as 1, 2, … with 19 digits
Who and where: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, STORE_ENDPOINT.
"""
import datetime
import hashlib
import hmac
import http.client
import os
import sys
import urllib.parse


def sign(method, path, query, host, body):
    key, secret, region = (os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"))
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(body).hexdigest()
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical_query = "&".join(f"{urllib.parse.quote(k, safe='~')}={urllib.parse.quote(v, safe='~')}" for k, v in pairs)
    names = "host;x-amz-content-sha256;x-amz-date"
    headers = f"host:{host}\nx-amz-content-sha256:{digest}\nx-amz-date:{moment}\n"
    request = "\n".join((method, path, canonical_query, headers, names, digest))
    text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    secret = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}",
        "x-amz-content-sha256": digest,
        "x-amz-date": moment,
    }


def ask(connection, host, method, target, body):
    path, _, query = target.partition("?")
    path = "/" + urllib.parse.quote(urllib.parse.unquote(path), safe="/~")
    connection.request(method, path + ("?" + query if query else ""), body, sign(method, path, query, host, body))
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        sys.exit(f"{method} {target}: {answer.status} {text.decode(errors='replace')[:300]}")
    return text


def main(words):
    host = urllib.parse.urlsplit(os.environ["STORE_ENDPOINT"]).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    if words[0] == "many":
        body = open(words[3], "rb").read()
        for i in range(1, int(words[1]) + 1):
            ask(connection, host, "PUT", words[2].replace("{}", f"{i:019}"), body)
    else:
        body = open(words[2], "rb").read() if len(words) > 2 else b""
        sys.stdout.buffer.write(ask(connection, host, words[0], words[1], body))


main(sys.argv[1:])
