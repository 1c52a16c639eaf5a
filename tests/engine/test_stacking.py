"""Stacks of any repository: ten languages, monorepos, what is no backend, and what is declared but not used."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backwright.core.stack import Stack
from backwright.engine.stacking import find_stacks

REPOSITORIES: dict[str, dict[str, str]] = {
    "python": {
        "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.12"\n'
        'dependencies = ["django>=5.1", "djangorestframework", "psycopg[binary]", "celery"]\n'
        '[dependency-groups]\ndev = ["pytest-django", "ruff"]\n',
        "uv.lock": "",
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/settings.py": "INSTALLED_APPS = []\nfrom django.conf import settings\n",
        "shop/models.py": "from django.db import models\n\n\nclass Order(models.Model):\n    pass\n",
        "shop/api.py": "from rest_framework import serializers, viewsets\n",
        "shop/tasks.py": "from celery import shared_task\n",
        "shop/migrations/0001_initial.py": "from django.db import migrations\n",
        "tests/test_api.py": "import pytest\n",
    },
    "typescript": {
        "package.json": '{"name": "shop", "private": true, "scripts": {"test": "vitest run"}, "dependencies": {"hono": "^4.6.0", '
        '"drizzle-orm": "0.36.1", "zod": "^3"}, "devDependencies": {"drizzle-kit": "1", "vitest": "2", "eslint": "9"}}',
        "pnpm-lock.yaml": "",
        "tsconfig.json": "{}",
        "drizzle.config.ts": "export default { dialect: 'postgresql' }\n",
        "src/app.ts": "import { Hono } from 'hono'\nexport const app = new Hono()\n",
        "src/db/schema.ts": "import { pgTable } from 'drizzle-orm/pg-core'\n",
        "src/orders.ts": "import { z } from 'zod'\n",
        "src/app.test.ts": "import { it } from 'vitest'\n",
    },
    "go": {
        "go.mod": "module example.com/shop\n\ngo 1.23\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n\tgorm.io/gorm v1.25.0\n"
        "\tgorm.io/driver/postgres v1.5.0\n\tgithub.com/stretchr/testify v1.9.0\n)\n",
        "go.sum": "",
        ".golangci.yml": "",
        "main.go": 'package main\n\nimport "github.com/gin-gonic/gin"\n\nfunc main() {\n\tr := gin.Default()\n\tr.Run()\n}\n',
        "store/order.go": 'package store\n\nimport (\n\t"gorm.io/driver/postgres"\n\t"gorm.io/gorm"\n)\n\nvar _ = gorm.DB{}\n'
        "func init() { db.AutoMigrate(&Order{}) }\n",
        "store/order_test.go": 'package store\n\nimport "github.com/stretchr/testify/assert"\n',
    },
    "rust": {
        "Cargo.toml": '[package]\nname = "shop"\n\n[dependencies]\naxum = "0.7"\nsqlx = { version = "0.8", features = ["postgres"] }\n',
        "Cargo.lock": "",
        "src/main.rs": "use axum::Router;\n\n#[tokio::main]\nasync fn main() {\n    let app = Router::new();\n}\n",
        "src/orders.rs": "use sqlx::PgPool;\n",
        "migrations/0001_orders.sql": "CREATE TABLE orders (id uuid);\n",
        "tests/api.rs": "#[tokio::test]\nasync fn lists() {}\n",
    },
    "java": {
        "pom.xml": '<project xmlns="http://maven.apache.org/POM/4.0.0"><artifactId>shop</artifactId><properties><java.version>21</java.version>'
        "</properties><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId>"
        "</dependency><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-data-jpa</artifactId></dependency>"
        "<dependency><groupId>org.flywaydb</groupId><artifactId>flyway-core</artifactId></dependency><dependency><groupId>org.postgresql"
        "</groupId><artifactId>postgresql</artifactId></dependency><dependency><groupId>org.springframework.boot</groupId><artifactId>"
        "spring-boot-starter-test</artifactId><scope>test</scope></dependency></dependencies></project>",
        "src/main/java/com/samples/App.java": "@SpringBootApplication\nclass App {}\n",
        "src/main/java/com/samples/OrderController.java": "import org.springframework.web.bind.annotation.*;\n@RestController\n",
        "src/main/java/com/samples/Order.java": "import jakarta.persistence.Entity;\nimport org.springframework.data.jpa.X;\n",
        "src/test/java/com/samples/OrderTests.java": "import org.junit.jupiter.api.Test;\n",
    },
    "kotlin": {
        "build.gradle.kts": 'plugins {\n    kotlin("jvm") version "2.0.0"\n}\ndependencies {\n    implementation(libs.ktor.server)\n'
        '    implementation("org.jetbrains.exposed:exposed-core:0.50.0")\n    testImplementation("io.kotest:kotest-core:5.9")\n}\n',
        "gradle/libs.versions.toml": '[versions]\nktor = "3.0.1"\n[libraries]\nktor-server = { module = "io.ktor:ktor-server-netty", '
        'version.ref = "ktor" }\n',
        "src/main/kotlin/Main.kt": "import io.ktor.server.engine.embeddedServer\nfun main() {\n    embeddedServer(Netty) {}\n}\n",
        "src/main/kotlin/Orders.kt": "import org.jetbrains.exposed.sql.Table\nobject Orders : Table()\n",
        "src/test/kotlin/OrdersTest.kt": "import io.kotest.core.spec.style.StringSpec\n",
    },
    "csharp": {
        "Shop.sln": "",
        "src/Shop/Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net9.0</TargetFramework>'
        "</PropertyGroup>"
        '<ItemGroup><PackageReference Include="Npgsql.EntityFrameworkCore.PostgreSQL" Version="9.0.1" /><PackageReference '
        'Include="FluentValidation" Version="11" /></ItemGroup></Project>',
        "src/Shop/Program.cs": 'var builder = WebApplication.CreateBuilder(args);\nbuilder.Build().MapGet("/", () => 1);\n',
        "src/Shop/Db.cs": "using Microsoft.EntityFrameworkCore;\nclass Db : DbContext {}\n",
        "src/Shop/OrderValidator.cs": "using FluentValidation;\n",
        "src/Shop/Migrations/20240101_Init.cs": "using Microsoft.EntityFrameworkCore.Migrations;\n",
        "tests/Shop.Tests/Shop.Tests.csproj": '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="xunit" Version="2" />'
        '<ProjectReference Include="..\\..\\src\\Shop\\Shop.csproj" /></ItemGroup></Project>',
        "tests/Shop.Tests/OrderTests.cs": "using Xunit;\n",
    },
    "ruby": {
        "Gemfile": 'ruby "3.3"\ngem "rails", "~> 7.2.0"\ngem "pg"\ngem "sidekiq"\ngroup :development, :test do\n  gem "rspec-rails"\nend\n',
        "Gemfile.lock": "",
        ".rubocop.yml": "",
        "config/application.rb": "module Shop\n  class Application < Rails::Application\n  end\nend\n",
        "config/routes.rb": "Rails.application.routes.draw do\nend\n",
        "app/controllers/orders_controller.rb": "class OrdersController < ApplicationController\nend\n",
        "app/models/order.rb": "class Order < ApplicationRecord\nend\n",
        "app/workers/mail_worker.rb": "class MailWorker\n  include Sidekiq::Job\nend\n",
        "db/migrate/20240101_create_orders.rb": "class CreateOrders < ActiveRecord::Migration[7.2]\nend\n",
        "spec/models/order_spec.rb": "require 'rails_helper'\n",
    },
    "php": {
        "composer.json": '{"type": "project", "require": {"php": "^8.3", "laravel/framework": "^11.0"}, '
        '"require-dev": {"pestphp/pest": "^3", '
        '"laravel/pint": "^1"}}',
        "composer.lock": "{}",
        "artisan": "#!/usr/bin/env php",
        "app/Http/Controllers/OrderController.php": "<?php\nuse Illuminate\\Foundation\\Http\\FormRequest;\n",
        "app/Models/Order.php": "<?php\nuse Illuminate\\Database\\Eloquent\\Model;\n",
        "database/migrations/2024_orders.php": "<?php\nuse Illuminate\\Database\\Migrations\\Migration;\n",
        "tests/Pest.php": "<?php\n",
    },
    "elixir": {
        "mix.exs": 'defmodule Shop.MixProject do\n  def project, do: [app: :shop, elixir: "~> 1.17", deps: deps()]\n  defp deps do\n    [\n'
        '      {:phoenix, "~> 1.7.14"},\n      {:ecto_sql, "~> 3.12"},\n      {:postgrex, ">= 0.0.0"},\n'
        '      {:credo, "~> 1.7", only: [:dev, :test], runtime: false}\n    ]\n  end\nend\n',
        "mix.lock": "",
        ".formatter.exs": "",
        "lib/shop_web/endpoint.ex": "defmodule ShopWeb.Endpoint do\n  use Phoenix.Endpoint, otp_app: :shop\nend\n",
        "lib/shop/order.ex": "defmodule Shop.Order do\n  use Ecto.Schema\n  import Ecto.Changeset\nend\n",
        "priv/repo/migrations/2024_orders.exs": "defmodule Shop.Repo.Migrations.Orders do\n  use Ecto.Migration\nend\n",
        "test/shop/order_test.exs": "defmodule Shop.OrderTest do\n  use ExUnit.Case\nend\n",
    },
}
# framework, orm, migrations, validation, tests, package manager, database
EXPECTED = {
    "python": ("django", "django-orm", "django-migrations", "djangorestframework", "pytest", "uv", "postgresql"),
    "typescript": ("hono", "drizzle", "drizzle-kit", "zod", "vitest", "pnpm", "postgresql"),
    "go": ("gin", "gorm", "gorm-automigrate", None, "testify", "go", "postgresql"),
    "rust": ("axum", "sqlx", "sqlx", None, "cargo-test", "cargo", "postgresql"),
    "java": ("spring-boot", "spring-data-jpa", "flyway", None, "junit", "maven", "postgresql"),
    "kotlin": ("ktor", "exposed", None, None, "kotest", "gradle", None),
    "csharp": ("aspnetcore", "ef-core", "ef-core", "fluentvalidation", "xunit", "nuget", "postgresql"),
    "ruby": ("rails", "activerecord", "activerecord", "activemodel", "rspec", "bundler", "postgresql"),
    "php": ("laravel", "eloquent", "laravel-migrations", "laravel-validation", "pest", "composer", None),
    "elixir": ("phoenix", "ecto", "ecto", "ecto", "exunit", "mix", "postgresql"),
}
KINDS = ("framework", "orm", "migrations", "validation", "tests", "package_manager", "database")


def stacks(files: Mapping[str, str]) -> tuple[Stack, ...]:
    return find_stacks(sorted(files), files.get)


def only_backend(files: Mapping[str, str]) -> Stack:
    (found,) = [s for s in stacks(files) if s.kind == "backend"]
    return found


@pytest.mark.parametrize("language", REPOSITORIES)
def test_each_language(language: str) -> None:
    found = only_backend(REPOSITORIES[language])
    assert found.root == ""
    assert found.ids("language") == (language,)
    assert tuple((*found.ids(kind), None)[0] for kind in KINDS) == EXPECTED[language]
    assert all(part.evidence for part in found.parts if part.kind != "validation")


@pytest.mark.parametrize("language", REPOSITORIES)
def test_every_claim_points_at_a_line_that_is_there(language: str) -> None:
    files = REPOSITORIES[language]
    for part in only_backend(files).parts:
        for span in part.evidence:
            assert span.path in files
            assert 1 <= span.line <= max(1, len(files[span.path].splitlines()))


def test_versions_and_evidence() -> None:
    found = only_backend(REPOSITORIES["typescript"])
    framework = found.first("framework")
    assert framework is not None
    assert framework.version == "4.6"
    assert [str(s) for s in framework.evidence] == ["package.json:1", "src/app.ts:1"]
    assert only_backend(REPOSITORIES["kotlin"]).first("framework").version == "3.0"  # type: ignore[union-attr]
    assert only_backend(REPOSITORIES["java"]).first("language").version == "21"  # type: ignore[union-attr]


def test_what_is_declared_and_not_used_is_no_choice() -> None:
    files = {
        "requirements.txt": "fastapi==0.115.0\nflask==3.0\nsqlalchemy==2.0\ntortoise-orm==0.21\n",
        "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "app/db.py": "from tortoise import Tortoise\n",
    }
    found = only_backend(files)
    assert found.ids("framework") == ("fastapi",)
    assert found.ids("orm") == ("tortoise-orm",)
    assert {u.id for u in found.unused} >= {"flask", "sqlalchemy"}


def test_what_only_tests_or_migrations_use_is_no_choice() -> None:
    files = {
        "requirements.txt": "fastapi\nasyncpg\nsqlalchemy\nalembic\n",
        "app/main.py": "from fastapi import FastAPI\nimport asyncpg\n\napp = FastAPI()\n",
        "alembic.ini": "",
        "alembic/env.py": "from alembic import context\nimport sqlalchemy\n",
        "tests/test_app.py": "import sqlalchemy\nfrom flask import Flask\n",
    }
    found = only_backend(files)
    assert found.ids("orm") == ()
    assert found.ids("queries") == ("asyncpg",)
    assert found.ids("migrations") == ("alembic",)
    assert found.ids("framework") == ("fastapi",)


def test_projects_of_a_monorepo_with_what_they_use_of_each_other() -> None:
    files = {
        "package.json": '{"private": true, "workspaces": ["apps/*", "packages/*"]}',
        "pnpm-lock.yaml": "",
        "apps/api/package.json": '{"name": "api", "private": true, "dependencies": {"fastify": "5", "@x/db": "workspace:*"}}',
        "apps/api/src/server.ts": "import Fastify from 'fastify'\nconst app = Fastify()\n",
        "apps/web/package.json": '{"name": "web", "private": true, "dependencies": {"react": "19"}}',
        "apps/web/src/main.tsx": "import React from 'react'\n",
        "packages/db/package.json": '{"name": "@x/db", "private": true, "dependencies": {"kysely": "0.27", "pg": "8"}}',
        "packages/db/src/index.ts": "import { Kysely } from 'kysely'\n",
        "services/mail/go.mod": "module example.com/mail\n\ngo 1.22\n\nrequire github.com/labstack/echo/v4 v4.12.0\n",
        "services/mail/main.go": 'package main\n\nimport "github.com/labstack/echo/v4"\n\nfunc main() { echo.New() }\n',
        "docs/package.json": '{"dependencies": {"@docusaurus/core": "3"}}',
        "docs/docusaurus.config.js": "",
    }
    kinds = {s.root: s.kind for s in stacks(files)}
    assert kinds == {
        "apps/api": "backend",
        "services/mail": "backend",
        "apps/web": "frontend",
        "packages/db": "other",
        "docs": "docs",
    }
    api = next(s for s in stacks(files) if s.root == "apps/api")
    assert api.ids("queries") == ("kysely",)
    assert api.ids("database") == ("postgresql",)
    assert api.ids("package_manager") == ("pnpm",)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (
            {
                "package.json": '{"name": "client", "private": true, "dependencies": {"react": "18"}}',
                "src/agent.js": "import React from 'react'\nexport const Articles = { get: () => requests.get('/articles') }\n",
            },
            "frontend",
        ),
        (
            {
                "pyproject.toml": '[project]\nname = "lib"\nclassifiers = ["Framework :: FastAPI"]\ndependencies = ["fastapi"]\n'
                "[build-system]\nrequires = []\n",
                "lib/depends.py": "from fastapi import Depends\n",
                "examples/app.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
            },
            "library",
        ),
        (
            {
                "Cargo.toml": '[package]\nname = "grep"\n[dependencies]\nclap = "4"\n',
                "src/main.rs": "use clap::Parser;\nfn main() {}\n",
            },
            "cli",
        ),
        ({"go.mod": "module example.com/lib\n\ngo 1.22\n", "lib.go": "package lib\n"}, "library"),
    ],
)
def test_what_is_no_backend(files: dict[str, str], kind: str) -> None:
    assert [s.kind for s in stacks(files)] == [kind]


def test_a_site_with_two_routes_and_no_data_is_a_frontend() -> None:
    files = {
        "package.json": '{"private": true, "dependencies": {"next": "15", "react": "19"}}',
        "app/page.tsx": "import React from 'react'\n",
        "app/api/health/route.ts": "export function GET() {}\n",
    }
    assert [s.kind for s in stacks(files)] == ["frontend"]
    files["package.json"] = '{"private": true, "dependencies": {"next": "15", "react": "19", "@prisma/client": "6"}}'
    files["lib/db.ts"] = "import { PrismaClient } from '@prisma/client'\n"
    found = only_backend(files)
    assert (found.ids("framework"), found.ids("orm")) == (("nextjs",), ("prisma",))


def test_modules_of_one_server_are_one_backend() -> None:
    parent = (
        "<project><artifactId>shop</artifactId><modules><module>core</module><module>web</module></modules></project>"
    )
    module = "<project><artifactId>{0}</artifactId><dependencies><dependency><groupId>{1}</groupId>"
    module += "<artifactId>{2}</artifactId></dependency></dependencies></project>"
    files = {
        "pom.xml": parent,
        "core/pom.xml": module.format("core", "org.jooq", "jooq"),
        "core/src/main/java/Store.java": "import org.jooq.DSLContext;\n",
        "web/pom.xml": module.format("web", "org.springframework.boot", "spring-boot-starter-web"),
        "web/src/main/java/App.java": "import org.springframework.web.bind.annotation.*;\n@SpringBootApplication\n@RestController\n",
    }
    found = only_backend(files)
    assert (found.root, found.ids("orm")) == ("", ("jooq",))


def test_a_main_for_trying_things_makes_no_second_server() -> None:
    parent = (
        "<project><artifactId>shop</artifactId><modules><module>base</module><module>web</module></modules></project>"
    )
    starter = "<dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>"
    module = f"<project><artifactId>{{0}}</artifactId><dependencies>{starter}</dependencies></project>"
    files = {
        "pom.xml": parent,
        "base/pom.xml": module.format("base"),
        "base/src/main/java/Advice.java": "import org.springframework.web.bind.annotation.*;\n@RestController\n",
        "base/src/main/java/EncryptUtils.java": "class EncryptUtils { public static void main(String[] a) {} }\n",
        "web/pom.xml": module.format("web"),
        "web/src/main/java/App.java": "import org.springframework.web.bind.annotation.*;\n@SpringBootApplication\n@RestController\n",
    }
    assert only_backend(files).root == ""


def test_a_repository_of_examples_is_what_they_are() -> None:
    example = {
        "examples/chat/requirements.txt": "aiohttp\n",
        "examples/chat/app.py": "from aiohttp import web\n\napp = web.Application()\n",
    }
    assert only_backend(example).root == "examples/chat"
    library = {
        "pyproject.toml": '[project]\nname = "x"\nclassifiers = ["a"]\n[build-system]\n',
        "x/core.py": "import json\n",
    }
    assert [s.kind for s in stacks({**example, **library})] == ["library", "example"]
    modules = {f"src/m{n}.py": "import json\n" for n in range(5)}
    assert "backend" not in {s.kind for s in stacks({**example, **modules})}


def test_a_package_for_servers_is_a_library_even_where_it_can_be_tried() -> None:
    files = {
        "package.json": '{"name": "@x/social", "exports": {".": "./build/index.js"}, "scripts": {"start": "node examples/app.ts"}, '
        '"dependencies": {"@adonisjs/core": "6"}}',
        "src/driver.ts": "import { HttpContext } from '@adonisjs/core/http'\n",
    }
    assert [s.kind for s in stacks(files)] == ["library"]


def test_a_document_that_could_expand_is_not_read() -> None:
    files = {
        "pom.xml": '<!DOCTYPE x [<!ENTITY a "aaaa">]><project><artifactId>&a;</artifactId></project>',
        "src/main/java/App.java": "class App {}\n",
    }
    assert not [s for s in stacks(files) if s.kind == "backend"]


_NAMES = st.sampled_from(
    ["package.json", "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "go.mod", "Cargo.toml", "pom.xml",
     "build.gradle.kts", "gradle/libs.versions.toml", "a.csproj", "Gemfile", "a.gemspec", "composer.json", "mix.exs", "build.sbt",
     "deno.json", "src/a.py", "src/a.ts", "src/a.go", "src/a.rs", "src/A.java", "src/a.rb", "src/a.php", "lib/a.ex", "docker-compose.yml"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(_NAMES, st.text(max_size=60), max_size=4))
def test_nothing_in_a_file_can_stop_it(files: dict[str, str]) -> None:
    for stack in stacks(files):
        assert stack.kind


@given(st.sampled_from(sorted(REPOSITORIES)), st.data())
def test_no_half_of_a_manifest_can_stop_it(language: str, data: st.DataObject) -> None:
    files = dict(REPOSITORIES[language])
    path = data.draw(st.sampled_from(sorted(files)))
    files[path] = files[path][: data.draw(st.integers(0, len(files[path])))]
    stacks(files)
