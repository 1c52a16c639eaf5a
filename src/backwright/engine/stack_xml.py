"""Maven's and .NET's manifests. Documents with a DOCTYPE are refused: nothing in them may expand."""

from __future__ import annotations

import re
from posixpath import basename, dirname, join, normpath
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_MAX_BYTES = 1_000_000
_PROPERTY = re.compile(r"\$\{([\w.-]+)\}")


def read_pom(path: str, text: str) -> dict[str, Any]:
    """Dependencies and plugins as `group:artifact`; modules as members; the parent counts as declared."""
    root = _parse(text)
    if root is None:
        return {"entries": ()}
    properties = {p.tag: (p.text or "").strip() for p in root.findall("properties/*")}

    def said(element: Element, tag: str) -> str:
        value = (element.findtext(tag) or "").strip()
        return _PROPERTY.sub(lambda found: properties.get(found[1], found[0]), value)

    entries = []
    parent = root.find("parent")
    if parent is not None:
        entries.append((f"{said(parent, 'groupId')}:{said(parent, 'artifactId')}", said(parent, "version"), "main"))
    for item in [*root.findall("dependencies/dependency"), *root.findall("profiles/profile/dependencies/dependency")]:
        scope = "dev" if said(item, "scope") == "test" else "main"
        entries.append((f"{said(item, 'groupId')}:{said(item, 'artifactId')}", said(item, "version"), scope))
    for item in root.iter("plugin"):
        group = said(item, "groupId") or "org.apache.maven.plugins"
        entries.append((f"{group}:{said(item, 'artifactId')}", said(item, "version"), "dev"))
    programs = {"quarkus-maven-plugin", "micronaut-maven-plugin"}
    starts = any(name.rpartition(":")[2] in programs for name, _, _ in entries)
    starts = starts or (root.find("modules") is None and next(root.iter("mainClass"), None) is not None)
    members = tuple((m.text or "").strip() for m in root.findall("modules/module"))
    java = next(
        (properties[k] for k in ("java.version", "maven.compiler.release", "maven.compiler.source") if k in properties),
        "",
    )
    return {
        "name": said(root, "artifactId"),
        "entries": tuple(entries),
        "members": members,
        "marks": frozenset({*(("workspace",) if members else ()), *(("application",) if starts else ())}),
        "version": java,
    }


def read_csproj(path: str, text: str) -> dict[str, Any]:
    """The SDK and packages as declared, references to other projects as folders."""
    root = _parse(text)
    if root is None:
        return {"entries": ()}
    entries = [(root.get("Sdk", "").partition("/")[0], "", "main")]
    entries += [(i.get("Name", ""), i.get("Version", ""), "main") for i in root.findall("Sdk")]
    for item in [*root.iter("PackageReference"), *root.iter("FrameworkReference")]:
        entries.append((item.get("Include", ""), item.get("Version", "") or item.findtext("Version") or "", "main"))
    folders = [i.get("Include", "").replace("\\", "/") for i in root.iter("ProjectReference")]
    packed = {
        (root.findtext(f".//{word}") or "").lower() for word in ("IsPackable", "PackAsTool", "GeneratePackageOnBuild")
    }
    marks = {"published"} if "true" in packed or root.find(".//PackageId") is not None else set()
    marks |= {"bin"} if (root.findtext(".//OutputType") or "").lower() == "exe" else set()
    marks |= {"test"} if (root.findtext(".//IsTestProject") or "").lower() == "true" else set()
    version = re.search(r"net(?:coreapp)?(\d+\.\d+)", root.findtext(".//TargetFramework") or "")
    return {
        "name": basename(path).removesuffix(".csproj"),
        "entries": tuple(entry for entry in entries if entry[0]),
        "locals": tuple(dirname(normpath(join(dirname(path), folder))) for folder in folders if folder),
        "marks": frozenset(marks),
        "version": version[1] if version else "",
    }


def _parse(text: str) -> Element | None:
    """The document's root with plain tag names; None where it is no XML or could expand."""
    if len(text) > _MAX_BYTES or "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff"))  # noqa: S314 - see above
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root
