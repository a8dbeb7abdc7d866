"""Helpers that task files call. What SyGra uses to run itself is not here."""

import importlib
import json
import os
import re

from syngraph_python.chat_messages import from_chat_format, to_chat_format
from syngraph_python.task_settings import settings

current_task = settings.task


def load_yaml_file(filepath):
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("load_yaml_file needs PyYAML: pip install pyyaml") from error
    with open(filepath, encoding="utf-8") as file:
        return yaml.safe_load(file)


def load_json_file(filepath):
    with open(filepath, encoding="utf-8") as file:
        return json.load(file)


def load_jsonl_file(filepath):
    with open(filepath, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def load_json(text):
    """The parsed text, or None where it is no JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def extract_and_load_json(text):
    """The JSON from the first brace, with the bracket before it if there is one, to the last; None where there is none."""
    if not isinstance(text, str):
        return None
    found = re.search(r"(?:\[\s*)?\{.*\}(?:\s*\])?", text, re.DOTALL)
    return None if found is None else load_json(found.group(0))


def extract_pattern(string, pattern):
    return [match for match in re.findall(pattern, string) if match]


def save_json_file(filepath, data):
    with open(filepath, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=4, ensure_ascii=False, default=str)


def save_jsonl_file(filepath, data):
    _write_lines(filepath, "w", data)


def append_to_jsonl_file(filepath, data):
    _write_lines(filepath, "a", data)


def append_to_json_file(filepath, data):
    before = load_json_file(filepath) if os.path.exists(filepath) else []
    save_json_file(filepath, [*before, *data])


def _write_lines(filepath, mode, data):
    with open(filepath, mode, encoding="utf-8") as file:
        for entry in data:
            file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")


def delete_file(filepath):
    if os.path.exists(filepath):
        os.remove(filepath)


def get_file_in_task_dir(task, file):
    return os.path.join(task if os.sep in task else task.replace(".", os.sep), file)


def get_dot_walk_path(path):
    return ".".join(path.split("/"))


def get_env_name(name):
    return re.sub(r"\s+", "_", name).upper()


def get_func_from_str(func_str):
    module, _, name = func_str.rpartition(".")
    return getattr(importlib.import_module(module), name)


get_class_from = get_func_from_str


def validate_required_keys(required_keys, config, config_name):
    missing = [key for key in required_keys if key not in config]
    if missing:
        raise ValueError("{} lacks {}".format(config_name, ", ".join(missing)))


def flatten_dict(d, parent_key="", sep="_"):
    flat = {}
    for key, value in d.items():
        name = "{}{}{}".format(parent_key, sep, key) if parent_key else key
        flat.update(flatten_dict(value, name, sep) if isinstance(value, dict) else {name: value})
    return flat


def deep_update(target, src):
    for key, value in src.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            deep_update(target[key], value)
        else:
            target[key] = value


def convert_messages_from_langchain_to_chat_format(messages):
    """Messages as {role, content}. Tool messages are left out."""
    formatted = [to_chat_format(message) for message in messages]
    return [
        {"role": message["role"], "content": message["content"]}
        for message in formatted
        if message["role"] in ("user", "assistant", "system")
    ]


def convert_messages_from_chat_format_to_langchain(messages):
    return [from_chat_format(message) for message in messages]


def convert_messages_from_config_to_chat_format(messages):
    """Prompts as the YAML has them, `{role: content}`, as {role, content}."""
    return [{"role": role, "content": content} for message in messages for role, content in list(message.items())[:1]]


def get_graph_properties(task_name=None):
    """`graph_properties` of the task that runs."""
    return settings.graph_properties


def get_graph_property(key, default_value, task_name=None):
    return settings.graph_properties.get(key, default_value)
