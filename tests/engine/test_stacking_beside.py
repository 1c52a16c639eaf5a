"""What stands beside servers and is none: libraries with their samples, test beds, templates, tools with pages, shells of a server."""

from __future__ import annotations

import pytest

from backwright.core.stack import Stack
from backwright.engine.stacking import find_stacks

SPRING = "import org.springframework.boot.SpringApplication;\nimport org.springframework.web.bind.annotation.RestController;\n"
PROGRAM = (
    SPRING
    + "@SpringBootApplication\nclass App { public static void main(String[] a) { SpringApplication.run(App.class); } }\n"
)


def stacks(files: dict[str, str]) -> dict[str, Stack]:
    return {stack.root: stack for stack in find_stacks(sorted(files), files.get)}


def servers(files: dict[str, str]) -> list[str]:
    return sorted(stack.root for stack in find_stacks(sorted(files), files.get) if stack.kind == "backend")


def pom(name: str, *packages: str, modules: str = "") -> str:
    found = "".join(f"<dependency><groupId>g</groupId><artifactId>{p}</artifactId></dependency>" for p in packages)
    inner = f"<packaging>pom</packaging><modules>{modules}</modules>" if modules else ""
    return f"<project><artifactId>{name}</artifactId>{inner}<dependencies>{found}</dependencies></project>"


def test_what_a_gem_is_developed_with_is_not_what_it_is_made_of() -> None:
    files = {
        "jobs.gemspec": 'Gem::Specification.new do |s|\n  s.name = "jobs"\n  s.add_dependency "rack"\n  s.executables << "jobs"\nend\n',
        "Gemfile": 'source "https://rubygems.org"\ngemspec\ngem "rails"\ngem "activerecord"\n',
        "lib/jobs.rb": 'require "rails"\nrequire "active_record"\nRails.application\n',
        "app/Gemfile": 'gem "rails"\ngem "jobs", path: ".."\n',
        "app/config/application.rb": "class App < Rails::Application\nend\n",
        "app/config.ru": "run App\n",
        "app/app/controllers/application_controller.rb": "class ApplicationController < ActionController::Base\nend\n",
    }
    assert servers(files) == []
    assert stacks(files)["app"].kind == "example"  # it tries the gem around it
    files["app/Gemfile"] = 'gem "rails"\n'
    assert servers(files) == ["app"]


@pytest.mark.parametrize(
    ("extra", "expected"),
    [({}, []), ({"artisan": "#!/usr/bin/env php\n"}, [""]), ({"Dockerfile": "FROM php\n"}, [""])],
    ids=["a package", "with a console", "deployed"],
)
def test_php_packages_without_a_type(extra: dict[str, str], expected: list[str]) -> None:
    required = '"require": {"laravel/framework": "^12", "illuminate/database": "^12"}, "scripts": {"test": "pest"}'
    files = {
        "composer.json": '{"name": "ann/permissions", ' + required + "}",
        "src/Model.php": "<?php\nuse Illuminate\\Database\\Eloquent\\Model;\nuse Illuminate\\Foundation\\Application;\n",
        "src/routes.php": "<?php\nuse Illuminate\\Routing\\Router;\nuse Illuminate\\Http\\Request;\nRoute::get('/', 1);\n",
    }
    assert servers({**files, **extra}) == expected


def test_php_needs_no_framework() -> None:
    files = {
        "composer.json": '{"name": "ann/feeds", "type": "project", "require": {"ext-pdo": "*"}}',
        "index.php": "<?php\nrequire 'app/db.php';\n",
        "app/db.php": "<?php\nclass Db extends PDO {}\n",
    }
    found = stacks(files)[""]
    assert (found.kind, found.ids("framework"), found.ids("queries")) == ("backend", (), ("pdo",))
    files["composer.json"] = '{"name": "ann/feeds", "type": "library", "require": {"ext-pdo": "*"}}'
    assert servers(files) == []


def test_a_template_of_a_project_is_none() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "template"\ndependencies = ["cookiecutter"]\n',
        "hooks/after.py": "import shutil\n",
        "{{cookiecutter.slug}}/requirements.txt": "django\n",
        "{{cookiecutter.slug}}/manage.py": "import django\n",
        "{{cookiecutter.slug}}/models.py": "from django.db import models\n",
        "{{cookiecutter.slug}}/config/settings.py": "from django.conf import settings\nINSTALLED_APPS = []\n",
        "{{cookiecutter.slug}}/urls.py": "from django.urls import path\nurlpatterns = []\n",
        "{{cookiecutter.slug}}/wsgi.py": "from django.core.wsgi import get_wsgi_application\n",
    }
    assert servers(files) == []


def test_a_tool_with_pages_of_its_own_is_no_server() -> None:
    setup = '[project]\nname = "swarm"\nclassifiers = ["Topic :: Software Development"]\ndependencies = ["flask"]\n'
    setup += '[project.scripts]\nswarm = "swarm.main:main"\n[build-system]\nrequires = []\n'
    pages = "from flask import Flask\napp = Flask(__name__)\n"
    files = {"pyproject.toml": setup, "swarm/web.py": pages, "Dockerfile": "FROM python\n"}
    files |= {f"swarm/part{n}.py": "import argparse\n" for n in range(30)}
    assert servers(files) == []
    files |= {f"swarm/part{n}.py": "from flask import Blueprint\n" for n in range(10)}
    assert servers(files) == [""]


def test_samples_start_nothing_of_the_library_that_they_show() -> None:
    files = {
        "pom.xml": pom("admin", modules="<module>admin-server</module><module>admin-samples/admin-sample-web</module>"),
        "admin-server/pom.xml": pom("admin-server", "spring-boot-starter-web"),
        **{f"admin-server/src/main/java/a/C{n}.java": SPRING for n in range(12)},
        "admin-samples/admin-sample-web/pom.xml": pom("admin-sample-web", "admin-server", "spring-boot-starter-web"),
        "admin-samples/admin-sample-web/src/main/java/a/App.java": PROGRAM,
    }
    assert servers(files) == []
    files["admin-server/src/main/java/a/App.java"] = PROGRAM
    assert servers(files) == [""]


def test_a_distribution_of_a_server_is_none_of_its_own() -> None:
    files = {
        "pom.xml": pom("shop", modules="<module>web</module><module>uber</module>"),
        "web/pom.xml": pom("web", "spring-boot-starter-web"),
        "web/src/main/java/a/App.java": PROGRAM,
        **{f"web/src/main/java/a/C{n}.java": SPRING for n in range(12)},
        "uber/pom.xml": pom("uber", "web", "spring-boot-starter-web"),
        "uber/src/main/java/a/Uber.java": PROGRAM,
    }
    assert servers(files) == ["web"]


def test_a_server_that_a_test_needs_is_part_of_the_test() -> None:
    files = {
        "package.json": '{"private": true, "workspaces": ["packages/*"]}',
        "packages/client-tests/package.json": '{"name": "client-tests", "dependencies": {"express": "5"}, "scripts": {"start": "node ."}}',
        "packages/client-tests/index.js": "const express = require('express')\nexpress().listen(1)\n",
        "packages/client/package.json": '{"name": "client"}',
        "packages/client/index.js": "export default 1\n",
    }
    assert servers(files) == []


def test_a_desktop_program_that_listens_is_one() -> None:
    files = {
        "package.json": '{"dependencies": {"express": "5"}, "devDependencies": {"electron": "35"}, "scripts": {"start": "electron ."}}',
        "src/main.js": "const { app } = require('electron')\n",
        "src/window.js": "const { BrowserWindow } = require('electron')\n",
        "src/callback.js": "const express = require('express')\nexpress().listen(1)\n",
    }
    assert stacks(files)[""].kind == "desktop"


def test_code_inside_another_languages_project_is_its_material() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["web"]\n',
        "web/Cargo.toml": '[package]\nname = "web"\n[dependencies]\naxum = "0.8"\n',
        "web/src/main.rs": "use axum::Router;\nfn main() { Router::new(); }\n",
        "web/assets/rails.rb": "require 'rails'\nclass A < ApplicationController\nend\nclass B < ActiveRecord::Base\nend\n",
    }
    assert [s.ids("language") for s in find_stacks(sorted(files), files.get)] == [("rust",)]


def test_a_host_of_services_starts_them_and_not_what_they_share() -> None:
    web = '<Project Sdk="Microsoft.NET.Sdk.Web">{}</Project>'
    plain = '<Project Sdk="Microsoft.NET.Sdk">{}</Project>'
    uses = '<ItemGroup><ProjectReference Include="{}" /></ItemGroup>'
    start = "var builder = WebApplication.CreateBuilder(args);\nvar app = builder.Build();\napp.Run();\n"
    files = {
        "All.sln": "",
        "Host/Host.csproj": plain.format(uses.format("../Orders/Api/Api.csproj")),
        "Host/Program.cs": "class P { static void Main(string[] args) {} }\n",
        "Shared/Shared.csproj": plain.format(""),
        **{
            f"Shared/Auth{n}.cs": "using Microsoft.AspNetCore.Builder;\nclass A { IApplicationBuilder b; }\n"
            for n in range(9)
        },
        "Orders/Orders.sln": "",
        "Orders/Api/Api.csproj": web.format(uses.format("../../Shared/Shared.csproj")),
        "Orders/Api/Program.cs": start,
        "Stock/Stock.sln": "",
        "Stock/Api/Api.csproj": web.format(uses.format("../../Shared/Shared.csproj")),
        "Stock/Api/Program.cs": start,
    }
    assert servers(files) == ["Orders/Api", "Stock/Api"]


def test_servers_that_import_nothing_by_name_are_programs() -> None:
    web = '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>'
    start = "using Shop;\nvar builder = WebApplication.CreateBuilder(args);\nbuilder.Build().Run();\n"
    files = {
        "Shop.sln": "",
        "Shop/Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
        "Shop/A.cs": "class A {}\n",
    }
    files |= {f"{name}/{name}.csproj": web for name in ("Orders", "Stock")}
    files |= {f"{name}/Program.cs": start for name in ("Orders", "Stock")}
    assert servers(files) == ["Orders", "Stock"]


def test_the_start_of_a_server_is_found_among_many_files() -> None:
    files = {"Gemfile": 'gem "sinatra"\ngem "sequel"\n', "config.ru": "run Shop\n"}
    files |= {f"lib/shop/part{n:03}/thing{m}.rb": "class Thing\nend\n" for n in range(60) for m in range(12)}
    files["lib/shop/zeal/base.rb"] = "require 'sinatra/base'\nclass Base < Sinatra::Base\nend\n"
    files["lib/shop/db.rb"] = "require 'sequel'\n"
    assert servers(files) == [""]


def test_what_stands_at_the_top_comes_first() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "tool"\ndependencies = ["click"]\n[project.scripts]\nswarm = "swarm:main"\n',
        **{f"swarm/part{n}.py": "import click\n" for n in range(5)},
        "swarm/ui/package.json": '{"private": true, "dependencies": {"react": "19"}}',
        **{f"swarm/ui/src/Part{n}.tsx": "import React from 'react'\n" for n in range(9)},
    }
    assert [stack.root for stack in find_stacks(sorted(files), files.get)] == ["", "swarm/ui"]


def test_what_a_library_is_deployed_with_is_a_sample_of_it() -> None:
    files = {
        "setup.py": 'from setuptools import setup\noptions = {"name": "shop", "classifiers": ["Framework :: Django"], '
        '"install_requires": ["django"]}\nsetup(**options)\n',
        "src/shop/models.py": "from django.db import models\n",
        "src/shop/apps.py": "from django.apps import AppConfig\nfrom django.urls import path\nROOT_URLCONF = 1\n",
        "sandbox/manage.py": "import django\n",
        "sandbox/settings.py": "from django.conf import settings\nINSTALLED_APPS = []\n",
        "Dockerfile": "FROM python\n",
    }
    assert servers(files) == []
    files["src/manage.py"] = files.pop("sandbox/manage.py")
    assert servers(files) == [""]


def test_a_program_may_start_what_a_library_of_its_own_makes() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["push", "push-web", "send"]\n',
        "push/Cargo.toml": '[package]\nname = "push"\n[dependencies]\nactix-web = "4"\npush-web = { path = "../push-web" }\n',
        "push/src/main.rs": "use actix_web::dev::AppConfig;\nfn main() { push_web::run(); }\n",
        "push-web/Cargo.toml": '[package]\nname = "push-web"\n[dependencies]\nactix-web = "4"\n',
        "push-web/src/lib.rs": "use actix_web::App;\npub fn run() { App::new(); }\n",
        "send/Cargo.toml": '[package]\nname = "send"\n[dependencies]\nactix-web = "4"\n',
        "send/src/main.rs": "use actix_web::App;\nfn main() { App::new(); }\n",
    }
    assert servers(files) == ["push", "send"]


def test_what_tests_of_a_solution_are_made_with_says_nothing_of_it() -> None:
    files = {
        "Docs.sln": "",
        "src/Docs/Docs.csproj": '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><PackageId>Docs</PackageId></PropertyGroup></Project>',
        "src/Docs/Filter.cs": "using Microsoft.AspNetCore.Mvc;\nclass A : ControllerBase {}\n",
        "src/Docs.Cli/Docs.Cli.csproj": '<Project Sdk="Microsoft.NET.Sdk"><OutputType>Exe</OutputType></Project>',
        "src/Docs.Cli/Program.cs": "class P { static void Main(string[] args) {} }\n",
        "test/WebSites/Shop/Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"></Project>',
        "test/WebSites/Shop/Program.cs": "var builder = WebApplication.CreateBuilder(args);\n",
    }
    assert servers(files) == []


def test_a_server_that_is_published_and_started() -> None:
    files = {
        "package.json": '{"private": true, "workspaces": ["packages/*"]}',
        "packages/home/package.json": '{"name": "home", "publishConfig": {"access": "public"}, "dependencies": {"express": "5"}, '
        '"scripts": {"start": "node dist/server.js"}}',
        "packages/home/src/server.ts": "import express from 'express'\nexpress().listen(1)\n",
    }
    assert servers(files) == ["packages/home"]
    files["packages/home/package.json"] = files["packages/home/package.json"].replace('"start"', '"build"')
    assert servers(files) == []


@pytest.mark.parametrize(("optional", "expected"), [("true", []), ("false", [""])])
def test_a_server_that_a_tool_may_leave_out(optional: str, expected: list[str]) -> None:
    files = {
        "Cargo.toml": '[package]\nname = "book"\n[dependencies]\nclap = "4"\naxum = { version = "0.8", optional = '
        + optional
        + " }\n",
        "src/main.rs": "use clap::Parser;\nfn main() {}\n",
        "src/serve.rs": "use axum::Router;\npub fn serve() { Router::new(); }\n",
    }
    assert servers(files) == expected


def test_tests_beside_the_solution_that_they_are_for() -> None:
    files = {
        "src/Log.sln": "",
        "src/Log/Log.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
        "src/Log/Log.cs": "class Log {}\n",
        "src/Log.Text/Log.Text.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>',
        "src/Log.Text/Text.cs": "class Text {}\n",
        "tests/Log.Tests/Log.Tests.csproj": '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="xunit" />'
        '<ProjectReference Include="../../src/Log/Log.csproj" /></ItemGroup></Project>',
        "tests/Log.Tests/LogTests.cs": "using Xunit;\nclass LogTests {}\n",
    }
    assert stacks(files)["src"].ids("tests") == ("xunit",)
