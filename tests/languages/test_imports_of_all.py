"""What each language says a file imports: the ground that detection stands on."""

from __future__ import annotations

import pytest

from backwright.core.facts import Import
from backwright.engine.registry import Registry

LANGUAGES = {language.name: language for language in Registry().languages}

# language, source, then (module, name, alias, level) of each import
CASES = [
    ("typescript", 'import express from "express"', [("express", "default", "express", 0)]),
    ("typescript", 'import { Get, Post as P } from "@nestjs/common"', [
        ("@nestjs/common", "Get", "Get", 0), ("@nestjs/common", "Post", "P", 0)]),
    ("typescript", 'import * as fs from "node:fs"; import "reflect-metadata"', [
        ("node:fs", "", "fs", 0), ("reflect-metadata", "", "", 0)]),
    ("typescript", 'const { Router } = require("express"); const r = require("./routes")', [
        ("express", "Router", "Router", 0), ("./routes", "", "r", 1)]),
    ("typescript", 'const app = (await import("./app")).default', [("./app", "default", "app", 1)]),
    ("typescript", 'export * from "./users"; export { a as b } from "../c"', [
        ("./users", "*", "*", 1), ("../c", "a", "b", 1)]),
    ("go", 'package a\nimport "net/http"', [("net/http", "", "http", 0)]),
    ("go", 'package a\nimport (\n\tm "github.com/gorilla/mux"\n\t"github.com/labstack/echo/v4"\n\t_ "github.com/lib/pq"\n)', [
        ("github.com/gorilla/mux", "", "m", 0), ("github.com/labstack/echo/v4", "", "echo", 0), ("github.com/lib/pq", "", "_", 0)]),
    ("rust", "use axum::{routing::{get, post}, Router as R};", [
        ("axum::routing", "get", "get", 0), ("axum::routing", "post", "post", 0), ("axum", "Router", "R", 0)]),
    ("rust", "use crate::db::*; mod users; use serde; use a::b::{self, C};", [
        ("crate::db", "*", "*", 1), ("self", "users", "users", 1), ("serde", "", "serde", 0), ("a", "b", "b", 0), ("a::b", "C", "C", 0)]),
    ("java", "import org.springframework.stereotype.Service; import static a.B.c; import d.e.*;", [
        ("org.springframework.stereotype", "Service", "Service", 0), ("a.B", "c", "c", 0), ("d.e", "*", "*", 0)]),
    ("kotlin", "package a\nimport io.ktor.server.routing.*\nimport b.C as D\n", [
        ("io.ktor.server.routing", "*", "*", 0), ("b", "C", "D", 0)]),
    ("csharp", "using Microsoft.EntityFrameworkCore; using static A.B; using X = C.D; global using E;", [
        ("Microsoft.EntityFrameworkCore", "*", "*", 0), ("A.B", "*", "*", 0), ("C", "D", "X", 0), ("E", "*", "*", 0)]),
    ("ruby", "require 'sinatra/base'\nrequire_relative '../lib/store'", [
        ("sinatra/base", "", "base", 0), ("../lib/store", "", "store", 1)]),
    ("php", "<?php use Illuminate\\Support\\Facades\\Route; use A\\{B, C as D}; use Closure; require __DIR__ . '/api.php';", [
        ("Illuminate\\Support\\Facades", "Route", "Route", 0), ("A", "B", "B", 0), ("A", "C", "D", 0), ("Closure", "", "Closure", 0),
        ("./api.php", "*", "*", 1)]),
    ("elixir", "defmodule A do\n use Phoenix.Router\n alias B.{C, D}\n import Ecto.Query\n alias E.F, as: G\nend", [
        ("Phoenix.Router", "", "Router", 0), ("B.C", "", "C", 0), ("B.D", "", "D", 0), ("Ecto.Query", "*", "*", 0), ("E.F", "", "G", 0)]),
    ("scala", "import akka.http.scaladsl.server.Directives._\nimport a.b.{C, D => E}\nimport f.G", [
        ("akka.http.scaladsl.server.Directives", "*", "*", 0), ("a.b", "C", "C", 0), ("a.b", "D", "E", 0), ("f", "G", "G", 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "expected"), CASES)
def test_imports(name: str, source: str, expected: list[tuple[str, str, str, int]]) -> None:
    language = LANGUAGES[name]
    facts = language.extract(f"a{language.suffixes[0]}", source.encode(), "").facts
    assert [(f.module, f.name, f.alias, f.level) for f in facts if isinstance(f, Import)] == expected


def test_every_language_has_a_case() -> None:
    assert {name for name, _, _ in CASES} == set(LANGUAGES) - {"python"}
