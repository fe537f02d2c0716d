"""The official SDKs of v1, Python and Node, work against the carrier over real HTTP.

They are installed for the session into a folder of its own, outside this repository; where that
can't be done, the tests are skipped.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callbackkit.testing import Phone
from callbackkit.v1 import App

pytestmark = pytest.mark.anyio

NUMBER, PARTY = "+19195550100", "+19195551212"
SOUND = bytes(range(256)) * 300

PYTHON = """
import json, sys, bandwidth
url, number, party, path = sys.argv[1:]
options = {"api_endpoint": url}
who = ("u-carrier", "t-carrier", "s-carrier")
messages = bandwidth.client("messaging", *who, **options)
voice = bandwidth.client("voice", *who, **options)
account = bandwidth.client("account", *who, **options)
told = {"message": messages.send_message(from_=number, to=party, text="Hello")}
messages.send_message(from_=number, to=party, media=["http://pictures.example/a.png"])
results = messages.send_messages([
    {"from": number, "to": party, "text": "1"}, {"from": "+1999", "to": party, "text": "2"}
])
told["results"] = [result["result"] for result in results]
told["messages"] = [message["id"] for message in messages.list_messages(size=1)]
told["call"] = voice.create_call(number, party, call_timeout=30, recording_enabled="true")
# Its speak_sentence_to_call sends an object as the URL of a file.
voice.play_audio_to_call(told["call"], sentence="Hello there")
told["state"] = voice.get_call(told["call"])["state"]
other = voice.create_call(number, party)
told["calls"] = [call["id"] for call in voice.list_calls(size=1)]
told["bridge"] = voice.create_bridge([told["call"], other])
told["gather"] = voice.create_call_gather(told["call"], max_digits="5")
voice.hangup_call(told["call"])
account.upload_media_file("a b.wav", file_path=path, content_type="audio/wav")
stream, kind = account.download_media_file("a b.wav")
told["same"] = stream.read() == open(path, "rb").read()
told["kind"] = kind
told["numbers"] = account.search_available_local_numbers(area_code="910", quantity=2)
try:
    voice.get_call("c-9")
except Exception as error:
    told["error"] = str(error)
print(json.dumps(told))
"""

NODE = """
const [url, number, party, path] = process.argv.slice(2);
const Bandwidth = require("node-bandwidth");
const fs = require("fs");
const client = new Bandwidth({
  userId: "u-carrier", apiToken: "t-carrier", apiSecret: "s-carrier", baseUrl: url
});
async function all(list, name) {
  const found = [];
  for (;;) {
    found.push(...list[name].map(item => item.id));
    if (!list.hasNextPage) return found;
    list = await list.getNextPage();
  }
}
async function main() {
  const told = {};
  told.message = (await client.Message.send({from: number, to: party, text: "Hello"})).id;
  const results = await client.Message.sendMultiple([
    {from: number, to: party, text: "1"}, {from: "+1999", to: party, text: "2"}
  ]);
  told.results = results.map(one => one.result);
  told.messages = await all(await client.Message.list({size: 1}), "messages");
  told.call = (await client.Call.create({from: number, to: party, recordingEnabled: true})).id;
  await client.Call.speakSentence(told.call, "Hello there");
  told.state = (await client.Call.get(told.call)).state;
  const other = (await client.Call.create({from: number, to: party})).id;
  told.calls = (await client.Call.list({size: 1000})).map(call => call.id);
  told.bridge = (await client.Bridge.create({callIds: [told.call, other]})).id;
  told.gather = (await client.Call.createGather(told.call, {maxDigits: "5"})).id;
  await client.Call.hangup(told.call);
  const content = fs.readFileSync(path);
  await client.Media.upload("a b.wav", content, "audio/wav");
  const file = await client.Media.download("a b.wav", null);
  told.same = Buffer.compare(file.content, content) === 0;
  told.kind = file.contentType;
  told.numbers = await client.AvailableNumber.search("local", {areaCode: "910", quantity: 2});
  try { await client.Call.get("c-9"); } catch (error) { told.error = String(error.message); }
  console.log(JSON.stringify(told));
}
main().catch(error => { console.error(error); process.exit(1); });
"""


def installed(command: list[str], where: Path) -> Path:
    """The folder, once a command has put something into it; skips the test if it can't."""
    try:
        done = subprocess.run(
            command, cwd=where, capture_output=True, text=True, timeout=180, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"can't be installed: {type(error).__name__}")
    if done.returncode != 0:
        pytest.skip(f"can't be installed: {(done.stderr.strip() or 'no reason')[-200:]}")
    return where


@pytest.fixture(scope="session")
def python_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("python-sdk")
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--target", str(where)]
    command = [sys.executable, "-m", "pip", "install", *options, "bandwidth-sdk<4"]
    return installed(command, where)


@pytest.fixture(scope="session")
def node_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("there is no npm")
    where = tmp_path_factory.mktemp("node-sdk")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(where)]
    return installed([npm, "install", *options, "node-bandwidth@3"], where)


@pytest.fixture
async def platform() -> AsyncIterator[Phone]:
    async with Phone(App(), serve=True, callback_http_method="POST") as phone:
        phone.strict = False  # the app has no handlers
        phone.answers(PARTY)
        yield phone


async def run(*command: str, folder: Path, **variables: str) -> dict[str, Any]:
    """What a program prints as JSON."""
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1", **variables}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, error.decode()
    told: dict[str, Any] = json.loads(out)
    return told


async def check(phone: Phone, told: dict[str, Any], sent: list[str]) -> None:
    carrier: Any = phone.carrier
    message = carrier.messages[told["message"]]
    assert (message.from_, message.to, message.text) == (NUMBER, PARTY, "Hello")
    assert told["messages"] == list(carrier.messages)[::-1]
    assert told["calls"] == list(carrier.calls)[::-1]
    call = carrier.calls[told["call"]]
    assert (call.heard, told["state"]) == (["Hello there"], "active")
    assert call.ended is not None
    assert call.ended.cause == "NORMAL_CLEARING"
    assert len(call.recordings) == 1
    bridge = carrier.bridges[told["bridge"]]
    assert (len(bridge.calls), bridge.state) == (1, "active")
    assert call.carrier.gathers[told["gather"]].collecting.most == 5
    assert told["same"] is True
    assert told["kind"] == "audio/wav"
    assert carrier.account.media["a b.wav"].content == SOUND
    assert [number["number"] for number in told["numbers"]] == ["+19105550100", "+19105550101"]
    assert "The call c-9 could not be found" in told["error"]
    await phone.wait(3)
    assert [message.text for message in carrier.sent] == sent


async def test_the_python_sdk(python_sdk: Path, platform: Phone, tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(SOUND)
    arguments = [str(platform.rest_url).removesuffix("/v1"), NUMBER, PARTY, str(tmp_path / "sound")]
    told = await run(
        sys.executable, "-c", PYTHON, *arguments, folder=tmp_path, PYTHONPATH=str(python_sdk)
    )
    assert told["results"] == ["accepted", "error"]
    await check(platform, told, ["Hello", "", "1"])


async def test_the_node_sdk(node_sdk: Path, platform: Phone, tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(SOUND)
    (node_sdk / "main.js").write_text(NODE)
    arguments = [str(platform.rest_url).removesuffix("/v1"), NUMBER, PARTY, str(tmp_path / "sound")]
    told = await run("node", "--no-deprecation", "main.js", *arguments, folder=node_sdk)
    assert told["results"] == ["accepted", "failed"]
    await check(platform, told, ["Hello", "1"])
