"""Entry of a process that runs a task's helpers: run_calls.py ARCHIVE FOLDER MEGABYTES."""

import os
import sys


def main():
    own_folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = own_folder
    # The real packages win over what stands in for them.
    sys.path.append(os.path.join(own_folder, "fallback"))
    archive_path, folder, megabytes = sys.argv[1:4]
    sys.argv = ["task"]
    _limit_memory(int(megabytes))
    # What helpers print, and what programs that they start print, must not get between the lines of the protocol.
    reader, writer = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)

    from syngraph_python.call_runner import CallRunner
    from syngraph_python.code_archive import CodeArchive

    archive = CodeArchive(archive_path, folder)
    CallRunner(archive, os.fdopen(reader, "r", encoding="utf-8"), writer).run()


def _limit_memory(megabytes):
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    try:
        resource.setrlimit(kind, (megabytes * 1024 * 1024, resource.getrlimit(kind)[1]))
    except (ValueError, OSError):
        # A tighter limit holds already.
        pass


if __name__ == "__main__":
    main()
