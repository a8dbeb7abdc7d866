"""
Tells what modules of a task define, and collects them with all that they import from the task's tree.
Reads {"entries": [{"module", "file"}], "roots", "folders", "collect"} and writes JSON.
"""

import json
import os
import sys


def main():
    own_folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = own_folder
    sys.path.append(os.path.join(own_folder, "fallback"))
    from syngraph_python.code_scan import CodeScan

    request = json.load(sys.stdin)
    scan = CodeScan(request["roots"], request["folders"])
    modules = [_scan_entry(scan, entry) for entry in request["entries"]]
    if request["collect"]:
        scan.add_beside(request["entries"])
    files = list(scan.files.values()) if request["collect"] else []
    json.dump({"modules": modules, "files": files, "missing": scan.missing}, sys.stdout)


def _scan_entry(scan, entry):
    try:
        scan.add(entry["module"], entry["file"])
        return {"exports": scan.exports(entry["module"])}
    except SyntaxError as error:
        return {"fault": {"message": error.msg, "file": error.filename or entry["file"], "line": error.lineno or 1}}
    except (OSError, UnicodeError) as error:
        return {"fault": {"message": str(error), "file": entry["file"], "line": 1}}


if __name__ == "__main__":
    main()
