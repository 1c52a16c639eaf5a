"""Stacks where several things speak at once: two frameworks, a name that several packages share, programs beside a server."""

from __future__ import annotations

from backwright.core.stack import Stack
from backwright.engine.stacking import find_stacks


def stacks(files: dict[str, str]) -> dict[str, Stack]:
    return {stack.root: stack for stack in find_stacks(sorted(files), files.get)}


def test_a_framework_that_lends_only_its_models_does_not_serve() -> None:
    found = stacks(
        {
            "pyproject.toml": '[project]\nname = "notes"\ndependencies = ["fastapi", "django"]\n',
            "Dockerfile": "",
            "notes/main.py": "import os\nimport django\nfrom fastapi import FastAPI\n"
            "os.environ['DJANGO_SETTINGS_MODULE'] = 'notes.settings'\ndjango.setup()\napp = FastAPI()\n",
            "notes/settings.py": "INSTALLED_APPS = ['notes']\n",
            "notes/models.py": "from django.db import models\n",
            "notes/queries.py": "from django.db.models import Q\n",
            "notes/lists.py": "from django.db.models import Count\n",
            "notes/routes.py": "from fastapi import APIRouter\n",
            "notes/migrations/0001_initial.py": "from django.db import migrations\n",
        }
    )
    assert found[""].ids("framework") == ("fastapi",)
    assert (found[""].ids("orm"), found[""].ids("migrations")) == (("django-orm",), ("django-migrations",))


def test_what_several_packages_share_shows_the_one_that_is_declared() -> None:
    files = {
        "build.gradle": 'dependencies {\n    implementation "org.glassfish.jersey.containers:jersey-container-servlet:3.1"\n}\n',
        "src/main/java/shop/Main.java": "import org.eclipse.jetty.server.Server;\nclass Main {\n"
        "    public static void main(String[] args) {}\n}\n",
        "src/main/java/shop/OrderResource.java": 'import jakarta.ws.rs.Path;\n@Path("orders")\nclass OrderResource {}\n',
    }
    assert stacks(files)[""].ids("framework") == ("jersey",)
    quarkus = files | {"build.gradle": 'dependencies {\n    implementation "io.quarkus:quarkus-rest:3.1"\n}\n'}
    assert stacks(quarkus)[""].ids("framework") == ("quarkus",)
    unseen = files | {"build.gradle": "apply from: 'convention.gradle'\n"}
    assert stacks(unseen)[""].ids("framework") == ("jakarta-ee",)


def test_programs_and_sites_beside_the_server_of_a_workspace_are_not_in_it() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["server", "site", "reset-password", "seeder", "model"]\n',
        "server/Cargo.toml": '[package]\nname = "server"\n[dependencies]\naxum = "0.8"\nsqlx = "0.8"\nmodel = { path = "../model" }\n',
        "server/src/main.rs": "use axum::Router;\nuse sqlx::PgPool;\nfn main() {\n    let app = Router::new();\n}\n",
        "model/Cargo.toml": '[package]\nname = "model"\n',
        "model/src/lib.rs": "pub struct Order;\n",
        "site/Cargo.toml": '[package]\nname = "site"\n[dependencies]\nyew = "0.21"\nvalidator = "0.16"\n',
        "site/src/lib.rs": "use validator::Validate;\nuse yew::prelude::*;\n",
        "reset-password/Cargo.toml": '[package]\nname = "reset-password"\n[dependencies]\nclap = "4"\n',
        "reset-password/src/main.rs": "use clap::Parser;\nfn main() {}\n",
        "seeder/Cargo.toml": '[package]\nname = "seeder"\n[dependencies]\nsqlx = "0.8"\n',
        "seeder/src/main.rs": "use sqlx::PgPool;\nfn main() {}\n",
    }
    found = stacks(files)
    assert {root: stack.kind for root, stack in found.items()} == {
        "": "backend", "site": "frontend", "reset-password": "cli"
    }  # fmt: skip
    assert found[""].ids("validation") == ()


def test_the_source_of_a_framework_is_no_backend() -> None:
    source = {
        "src/Foundation/Application.php": "<?php\nuse Symfony\\Component\\HttpKernel\\HttpKernel;\nnew HttpKernel();\n"
    }
    manifest = '{"name": "NAME", "require": {"symfony/http-kernel": "^7"}}'
    found = stacks({"composer.json": manifest.replace("NAME", "laravel/framework")} | source)
    assert [stack.kind for stack in found.values()] == ["library"]


def test_the_source_of_a_framework_is_told_by_what_others_import_from_it() -> None:
    found = stacks(
        {
            "settings.gradle": "include 'http-server'\n",
            "http-server/build.gradle": "plugins {\n    id 'java-library'\n}\n",
            "http-server/src/main/java/io/micronaut/http/server/Server.java": "package io.micronaut.http.server;\n"
            "import io.micronaut.http.HttpResponse;\nimport io.micronaut.runtime.Micronaut;\n"
            "class Server {\n    public static void main(String[] args) {\n        Micronaut.run();\n    }\n}\n",
        }
    )
    assert {stack.kind for stack in found.values()} == {"library"}


def test_an_example_in_a_book_is_not_what_the_repository_is_about() -> None:
    example = {
        "examples/api/package.json": '{"private": true, "scripts": {"start": "node server.js"}, "dependencies": {"express": "5"}}',
        "examples/api/server.js": "const app = require('express')()\napp.listen(1)\n",
    }
    book = {f"chapters/{number}.md": "" for number in range(40)}
    assert [stack.kind for stack in stacks(example).values()] == ["backend"]
    assert [stack.kind for stack in stacks(example | book).values()] == ["example"]


def test_a_small_tool_that_is_declared_stands_beside_one_that_is_only_met() -> None:
    files = {
        "package.json": '{"private": true, "dependencies": {"express": "5", "validator": "13"}}',
        "server.js": "const app = require('express')()\nconst validator = require('validator')\napp.listen(1)\n",
        "agent.js": "const { z } = require('zod')\n",
    }
    assert stacks(files)[""].ids("validation") == ("validator", "zod")
    declared = files["package.json"].replace('"validator"', '"zod": "4", "validator"')
    assert stacks(files | {"package.json": declared})[""].ids("validation") == ("zod",)


def test_a_site_that_is_packaged_is_still_a_backend() -> None:
    manifest = (
        '[project]\nname = "talks"\nclassifiers = ["Framework :: Django"]\ndependencies = ["django"]\n'
        '[build-system]\nrequires = ["setuptools"]\n'
    )
    files = {
        "pyproject.toml": manifest,
        "src/talks/settings.py": "INSTALLED_APPS = []\nROOT_URLCONF = 'talks.urls'\n",
        "src/talks/urls.py": "from django.urls import path\n",
        "src/talks/views.py": "from django.http import HttpResponse\n",
    }
    wsgi = "from django.core.wsgi import get_wsgi_application\n\nDJANGO_SETTINGS_MODULE = 'talks.settings'\n"
    assert stacks(files)[""].kind == "library"
    assert stacks(files | {"src/talks/wsgi.py": wsgi})[""].kind == "backend"
    assert stacks(files | {"src/talks/start.py": wsgi, "demo/wsgi.py": wsgi})[""].kind == "library"


def test_documentation_is_no_example() -> None:
    package = '{"private": true, "dependencies": {"@docusaurus/core": "3"}}'
    found = stacks(
        {
            "package.json": '{"private": true, "dependencies": {"express": "5"}}',
            "server.js": "const app = require('express')()\napp.listen(1)\n",
            "documentation/package.json": package,
            "documentation/sidebars.js": "module.exports = {}\n",
        }
    )
    assert found["documentation"].kind == "docs"


def test_linters_that_the_parent_of_a_module_declares() -> None:
    project = '<project xmlns="http://maven.apache.org/POM/4.0.0">'
    plugin = (
        "<build><plugins><plugin><groupId>com.diffplug.spotless</groupId>"
        "<artifactId>spotless-maven-plugin</artifactId></plugin></plugins></build>"
    )
    server = (
        f"{project}<artifactId>NAME</artifactId><dependencies><dependency><groupId>org.springframework.boot</groupId>"
        "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>"
    )
    main = (
        "import org.springframework.web.bind.annotation.RestController;\n@RestController\n"
        "class Main {\n    public static void main(String[] a) {}\n}\n"
    )
    found = stacks(
        {
            "pom.xml": f"{project}<artifactId>shop</artifactId>"
            f"<modules><module>orders</module><module>users</module></modules>{plugin}</project>",
            "orders/pom.xml": server.replace("NAME", "orders"),
            "orders/src/main/java/Main.java": main,
            "users/pom.xml": server.replace("NAME", "users"),
            "users/src/main/java/Main.java": main,
        }
    )
    assert [found[root].ids("formatter") for root in ("orders", "users")] == [("spotless",), ("spotless",)]


def test_the_version_of_a_tool_is_that_of_its_own_package() -> None:
    found = stacks(
        {
            "package.json": '{"private": true, "dependencies": {"@hono/zod-openapi": "^1.0.2", "hono": "^4.8.5"}}',
            "src/app.ts": "import { OpenAPIHono } from '@hono/zod-openapi'\nconst app = new OpenAPIHono()\n",
        }
    )
    (hono,) = (part for part in found[""].parts if part.kind == "framework")
    assert (hono.id, hono.version) == ("hono", "4.8")
    cached = stacks(
        {
            "composer.json": '{"require": {"laravel/framework": "^12.1", "predis/predis": "^3.2"}}',
            "app/Http/Kernel.php": "<?php\nuse Illuminate\\Foundation\\Http\\Kernel;\nuse Predis\\Client;\n",
            "artisan": "",
        }
    )
    versions = {part.id: part.version for part in cached[""].parts if part.kind in {"framework", "cache"}}
    assert versions == {"laravel": "12.1", "redis": ""}


def test_a_version_that_is_asked_for_may_be_of_what_runs_the_language() -> None:
    script = {
        "package.json": '{"private": true, "engines": {"node": ">=12.0.0"}, "dependencies": {"express": "5"}}',
        "server.js": "const app = require('express')()\napp.listen(1)\n",
    }
    typed = {
        "package.json": '{"private": true, "dependencies": {"express": "5"}, "devDependencies": {"typescript": "~5.9.2"}}',
        ".nvmrc": "v22.1\n",
        "src/server.ts": "import express from 'express'\nexpress().listen(1)\n",
    }
    net = {
        "Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup>'
        "<TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>",
        "Program.cs": "using Microsoft.AspNetCore.Builder;\nvar app = WebApplication.CreateBuilder(args).Build();\n",
    }
    versions = [
        [(part.id, part.version) for part in stacks(files)[""].parts if part.kind in {"language", "runtime"}]
        for files in (script, typed, net)
    ]
    assert versions == [
        [("javascript", ""), ("node", "12.0")],
        [("typescript", "5.9"), ("node", "22.1")],
        [("csharp", ""), ("dotnet", "8.0")],
    ]


def test_a_part_of_servers_is_no_server() -> None:
    module = "import { Global, Module } from '@nestjs/common'\n@Module({})\nexport class PrismaModule {}\n"
    files = {
        "package.json": '{"private": true, "workspaces": ["apps/*", "packages/*"]}',
        "apps/api/package.json": '{"private": true, "scripts": {"start": "node dist/main"}, '
        '"dependencies": {"@nestjs/core": "11", "@nestjs/common": "11", "@x/db": "*"}}',
        "apps/api/src/main.ts": "import { NestFactory } from '@nestjs/core'\nNestFactory.create(AppModule)\n",
        "packages/db/package.json": '{"name": "@x/db", "private": true, "scripts": {"dev": "tsc --watch"}, '
        '"dependencies": {"@nestjs/common": "11", "@prisma/client": "6"}}',
        "packages/db/src/prisma.module.ts": module,
    }
    found = stacks(files)
    assert (found["apps/api"].kind, found["packages/db"].kind) == ("backend", "library")
    for command in ("nest start --watch", "node --import tsx src/main.ts", "tsx watch src/main.ts"):
        runs = files["packages/db/package.json"].replace("tsc --watch", command)
        assert stacks(files | {"packages/db/package.json": runs})["packages/db"].kind == "backend"


def test_an_interface_that_brings_its_server() -> None:
    files = {
        "package.json": '{"private": true, "dependencies": {"@apollo/server": "5", "graphql": "16"}}',
        "index.js": "const { startStandaloneServer } = require('@apollo/server/standalone')\nstartStandaloneServer(server)\n",
    }
    stack = stacks(files)[""]
    assert (stack.kind, stack.ids("framework"), stack.ids("api")) == ("backend", (), ("apollo",))
    assert stacks(files | {"index.js": "const { gql } = require('@apollo/server')\n"})[""].kind != "backend"


def test_what_a_framework_brings_needs_what_it_works_with() -> None:
    files = {
        "Gemfile": "gem 'rails'\ngem 'mongoid'\n",
        "config/application.rb": "class Application < Rails::Application\nend\n",
        "app/models/order.rb": "class Order\n  include Mongoid::Document\nend\n",
        "app/jobs/application_job.rb": "class ApplicationJob\n  # retry_on ActiveRecord::Deadlocked\nend\n",
    }
    stack = stacks(files)[""]
    assert (stack.ids("orm"), stack.ids("migrations")) == (("mongoid",), ())


def test_a_framework_that_few_files_name_is_still_one_where_there_are_data() -> None:
    schemas = {
        f"lib/shop/order_{number}.ex": "defmodule Shop.Order do\n  use Ecto.Schema\nend\n" for number in range(250)
    }
    web = {
        f"lib/shop_web/{name}.ex": f"defmodule ShopWeb do\n  use Phoenix.{use}\nend\n"
        for name, use in {"endpoint": "Endpoint, otp_app: :shop", "router": "Router", "live": "LiveView"}.items()
    }
    mix = 'defp deps do\n  [{:phoenix, "~> 1.8"}, {:ecto_sql, "~> 3.12"}]\nend\n'
    assert stacks({"mix.exs": mix} | schemas | web)[""].kind == "backend"


def test_what_lies_beside_a_project_says_nothing_of_it() -> None:
    found = stacks(
        {
            "server/package.json": '{"private": true, "dependencies": {"express": "5"}}',
            "server/index.js": "const app = require('express')()\napp.listen(1)\n",
            "client/package.json": '{"private": true, "dependencies": {"react": "19"}, "eslintConfig": {}}',
            "client/src/app.jsx": "import React from 'react'\n",
        }
    )
    assert (found["server"].ids("linter"), found["client"].ids("linter")) == ((), ("eslint",))


def test_databases_as_settings_of_php_name_them() -> None:
    yii = {
        "composer.json": '{"require": {"yiisoft/yii2": "~2.0"}}',
        "config/db.php": "<?php\nreturn ['class' => \\yii\\db\\Connection::class, 'dsn' => 'mysql:host=localhost;dbname=shop'];\n",
        "controllers/SiteController.php": "<?php\nuse yii\\web\\Controller;\n",
    }
    codeigniter = {
        "composer.json": '{"require": {"codeigniter4/framework": "^4.7"}}',
        "app/Config/Database.php": "<?php\nuse CodeIgniter\\Database\\Config;\n$default = ['DBDriver' => 'MySQLi'];\n",
        "app/Controllers/Home.php": "<?php\nuse CodeIgniter\\Controller;\n",
    }
    assert [stacks(files)[""].ids("database") for files in (yii, codeigniter)] == [("mysql",), ("mysql",)]


def test_a_site_that_takes_types_from_a_server_is_a_site() -> None:
    found = stacks(
        {
            "package.json": '{"private": true, "workspaces": ["packages/*"]}',
            "packages/api/package.json": '{"name": "@x/api", "private": true, "scripts": {"start": "node build/index.js"}, '
            '"dependencies": {"express": "5", "mongoose": "8"}}',
            "packages/api/src/index.ts": "import express from 'express'\nimport mongoose from 'mongoose'\nexpress().listen(1)\n",
            "packages/app/package.json": '{"private": true, "scripts": {"start": "next start"}, '
            '"dependencies": {"next": "16", "react": "19", "@x/api": "*"}}',
            "packages/app/pages/api/proxy.ts": "import type { NextApiRequest } from 'next'\n",
            "packages/app/pages/index.tsx": "import Link from 'next/link'\nimport React from 'react'\n",
        }
    )
    assert (found["packages/api"].kind, found["packages/app"].kind) == ("backend", "frontend")
