"""A verdict as JUnit XML, as CI systems read it: a suite a scenario, a case a promise.

The format has no standard; this is the part of it that Jenkins, GitLab and GitHub's actions all
read. Texts come from a file of somebody's, so they are escaped, and what XML 1.0 cannot hold at
all is replaced.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(said: Mapping[str, Any]) -> str:
    """One test suite."""
    promises = said["promises"]
    failures = sum(not promise["holds"] for promise in promises)
    suite = {
        "name": said["name"],
        "tests": str(len(promises)),
        "failures": str(failures),
        "errors": "0",
        "skipped": "0",
        "time": f"{said['took']:.3f}",
        "hostname": said["place"],
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<testsuites>",
        f"<testsuite {_list(suite)}>",
    ]
    properties = {"place": said["where"], "seed": said["seed"], "again": said["again"]}
    lines.append("<properties>")
    lines += [f"<property {_list({'name': k, 'value': str(v)})}/>" for k, v in properties.items()]
    lines.append("</properties>")
    for promise in promises:
        case = {
            "classname": f"{said['name']}.{said['place']}",
            "name": promise["name"],
            "time": "0",
        }
        if promise["holds"]:
            lines.append(f"<testcase {_list(case)}/>")
            continue
        message = f"{promise['words'][0]}, wanted {promise['words'][1]}"
        body = "\n".join(
            "\n  ".join([piece["text"], *piece["events"]]) for piece in promise["evidence"]
        )
        lines.append(f"<testcase {_list(case)}>")
        lines.append(f"<failure {_list({'message': message, 'type': promise['name']})}>")
        lines.append(escape(_clean(f"{promise['about']}\n{body}")) + "</failure>")
        lines.append("</testcase>")
    lines += ["</testsuite>", "</testsuites>", ""]
    return "\n".join(lines)


def _list(attributes: Mapping[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(_clean(value))}" for name, value in attributes.items())


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
