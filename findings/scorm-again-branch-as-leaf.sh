#!/bin/sh
# One would guess: setting a branch of the SCORM 1.2 data model as if it were an element (`LMSSetValue("cmi.core", "x")`, as
# content with a mistake in a name does) is refused with an error code, as SCORM 1.2 RTE 3.1.2.4 asks, and changes nothing.
# What happens: the answer is "true" with the error code 0. The whole branch is then the text "x": the score set before is gone,
# every later value of the branch is refused with 401, and LMSFinish throws a TypeError into the content.
# Version: scorm-again 3.4.3 (npm), the ES module of SCORM 1.2. Source: the run below.
# Why it matters: one wrong name costs a learner everything that follows, and content that does not expect a throw stops where
# it stands, so neither completion nor the end of the session is ever reported.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund scorm-again@3.4.3 >/dev/null
cat >run.mjs <<'JS'
import { Scorm12API } from "./node_modules/scorm-again/dist/esm/scorm12.min.js";
const api = new Scorm12API({ autocommit: false, lmsCommitUrl: false, logLevel: "NONE", onLogMessage() {} });
const said = [];
const call = (name, ...args) => {
  let answer;
  try {
    answer = api[name](...args);
  } catch (error) {
    answer = `throws ${error.constructor.name}`;
  }
  said.push(`${name}(${args.join(", ")}) -> ${answer || "(nothing)"}, error ${api.LMSGetLastError()}`);
};
call("LMSInitialize", "");
call("LMSSetValue", "cmi.core.score.raw", "80");
call("LMSSetValue", "cmi.core", "x");
call("LMSSetValue", "cmi.core.lesson_status", "completed");
call("LMSGetValue", "cmi.core.score.raw");
call("LMSFinish", "");
console.log(said.join("\n"));
JS
node -p '"scorm-again " + JSON.parse(require("fs").readFileSync("node_modules/scorm-again/package.json")).version'
seen=$(node run.mjs)
echo "$seen"
expected='LMSInitialize() -> true, error 0
LMSSetValue(cmi.core.score.raw, 80) -> true, error 0
LMSSetValue(cmi.core, x) -> true, error 0
LMSSetValue(cmi.core.lesson_status, completed) -> false, error 401
LMSGetValue(cmi.core.score.raw) -> (nothing), error 401'
case "$seen" in
"$expected"*"LMSFinish() -> throws TypeError"*) echo "As described above." ;;
*) echo "This has changed." && exit 1 ;;
esac
