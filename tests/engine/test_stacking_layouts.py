"""Stacks of repositories laid out in ways of their own: workspaces, examples, packages that are programs, helpers of solutions."""

from __future__ import annotations

from backwright.core.stack import Stack
from backwright.engine.stacking import find_stacks


def stacks(files: dict[str, str]) -> dict[str, Stack]:
    return {stack.root: stack for stack in find_stacks(sorted(files), files.get)}


def test_projects_that_share_one_package_manifest() -> None:
    found = stacks(
        {
            "package.json": '{"dependencies": {"@nestjs/core": "^11", "@angular/core": "^20", "@prisma/client": "^6", '
            '"class-validator": "1"}, "devDependencies": {"jest": "30"}}',
            "package-lock.json": "{}",
            "jest.config.ts": "",
            "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n',
            "prisma/migrations/1_init/migration.sql": "",
            "apps/api/project.json": '{"name": "api", "projectType": "application", "targets": {}}',
            "apps/api/src/main.ts": "import { NestFactory } from '@nestjs/core'\nNestFactory.create(AppModule)\n",
            "apps/api/src/dto.ts": "import { IsString } from 'class-validator'\n",
            "apps/api/src/db.ts": "import { PrismaClient } from '@prisma/client'\n",
            "apps/client/project.json": '{"name": "client", "projectType": "application", "targets": {}}',
            "apps/client/src/main.ts": "import { Component } from '@angular/core'\n",
        }
    )
    api = found["apps/api"]
    assert (api.kind, found["apps/client"].kind) == ("backend", "frontend")
    assert found[""].kind != "backend"
    assert api.ids("framework") == ("nestjs",)
    assert api.ids("orm") == api.ids("migrations") == ("prisma",)
    assert api.ids("validation") == ("class-validator",)
    assert (api.ids("tests"), api.ids("package_manager"), api.ids("database")) == (("jest",), ("npm",), ("postgresql",))


def test_other_files_called_project_make_no_project() -> None:
    found = stacks(
        {
            "package.json": '{"private": true, "dependencies": {"express": "5"}}',
            "server.js": "const express = require('express')\nexpress().listen(1)\n",
            "data/project.json": '{"name": "a garden", "owner": "Ann"}',
            "data/read.js": "export default 1\n",
        }
    )
    assert list(found) == [""]


def test_a_framework_with_its_examples_is_a_library() -> None:
    found = stacks(
        {
            "Cargo.toml": '[workspace]\nmembers = ["axum"]\n',
            "axum/Cargo.toml": '[package]\nname = "axum"\n\n[dev-dependencies]\naxum-extra = "1"\n',
            "axum/src/lib.rs": "use axum::Router;\n\n/// Router::new()\npub struct Router;\n",
            "examples/Cargo.toml": '[workspace]\nmembers = ["*"]\n',
            "examples/shop/Cargo.toml": '[package]\nname = "shop"\n\n[dependencies]\naxum = { path = "../../axum" }\nsqlx = "0.8"\n',
            "examples/shop/src/main.rs": "use axum::Router;\nfn main() {\n    Router::new();\n}\n",
        }
    )
    assert found[""].kind == "library"
    assert not [stack for stack in found.values() if stack.kind == "backend"]


def test_a_project_called_after_what_it_depends_on_still_uses_it() -> None:
    found = stacks(
        {
            "package.json": '{"name": "express", "private": true, "dependencies": {"express": "5"}}',
            "server.js": "const express = require('express')\nexpress().listen(1)\n",
        }
    )
    assert found[""].ids("framework") == ("express",)


PACKAGED = {
    "pyproject.toml": '[project]\nname = "hub"\nclassifiers = ["Framework :: Jupyter"]\n'
    'dependencies = ["tornado", "sqlalchemy", "alembic"]\n',
    "hub/app.py": "import tornado.web\n\n" + "# x\n" * 20000 + "app = tornado.web.Application([])\n",
    "hub/orm.py": "import sqlalchemy\n",
}


def test_a_package_that_is_a_program_with_tables_is_a_backend() -> None:
    program = {
        **PACKAGED,
        "pyproject.toml": PACKAGED["pyproject.toml"] + '[project.scripts]\nhub = "hub.app:main"\n',
        "hub/alembic/env.py": "from alembic import context\n",
    }
    assert stacks(program)[""].kind == "backend"
    assert stacks(program)[""].ids("framework") == ("tornado",)
    assert stacks(PACKAGED)[""].kind != "backend"


def test_what_migrates_a_solution_migrates_its_programs() -> None:
    web = '<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup><ProjectReference Include="..\\Core\\Core.csproj" /></ItemGroup></Project>'
    start = "using Microsoft.AspNetCore.Builder;\nvar builder = WebApplication.CreateBuilder(args);\n"
    found = stacks(
        {
            "Shop.sln": "",
            "src/Core/Core.csproj": '<Project Sdk="Microsoft.NET.Sdk"><PackageReference Include="Dapper" Version="2.1" /></Project>',
            "src/Core/Orders.cs": "using Dapper;\n",
            "src/Api/Api.csproj": web,
            "src/Api/Program.cs": start,
            "src/Admin/Admin.csproj": web,
            "src/Admin/Program.cs": start,
            "util/Migrator/Migrator.csproj": '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="dbup-sqlserver" '
            'Version="5" /><ProjectReference Include="..\\..\\src\\Core\\Core.csproj" /></ItemGroup></Project>',
            "util/Migrator/Run.cs": "using DbUp;\n",
            ".github/workflows/ci.yml": "jobs:\n  lint:\n    steps:\n      - run: dotnet format --verify-no-changes\n",
        }
    )
    api = found["src/Api"]
    assert (api.kind, api.ids("queries"), api.ids("migrations")) == ("backend", ("dapper",), ("dbup",))
    assert api.ids("formatter") == ("dotnet-format",)


def test_a_library_with_a_build_script_is_no_program() -> None:
    found = stacks(
        {
            "Cargo.toml": '[package]\nname = "daemon"\n\n[dependencies]\ntonic = "0.12"\n',
            "build.rs": "fn main() {}\n",
            "src/lib.rs": "use tonic::transport::Server;\npub fn serve() {\n    Server::builder();\n}\n",
        }
    )
    assert found[""].kind == "library"


def test_pages_make_a_site_and_mails_do_not() -> None:
    shop = {
        "manage.py": "DJANGO_SETTINGS_MODULE = 1\n",
        "requirements.txt": "django\n",
        "shop/settings.py": "from django.conf import settings\nINSTALLED_APPS = []\n",
        "shop/models.py": "from django.db import models\n",
    }
    mails = {f"templates/emails/{name}.html": "" for name in "abcdefgh"} | {
        "templates/404.html": "",
        "templates/base.html": "",
    }
    assert stacks(shop | mails)[""].ids("style") == ()
    pages = {f"templates/{name}.html": "" for name in ("cart", "order", "search", "login")}
    assert stacks(shop | mails | pages)[""].ids("style") == ("server-rendered",)
    for number in range(3):
        shop[f"shop/views{number}.py"] = "from django.http import HttpRequest, JsonResponse\n"
    assert stacks(shop)[""].ids("style") == ("REST",)


def test_scala_with_its_own_server_library() -> None:
    found = stacks(
        {
            "build.sbt": 'libraryDependencies ++= Seq(\n  "com.softwaremill.sttp.tapir" %% "tapir-netty-server-sync" % tapirVersion,\n'
            '  "com.augustnagro" %% "magnum" % "1.3.1",\n  "org.flywaydb" % "flyway-database-postgresql" % "11.0.0",\n'
            '  "org.scalatest" %% "scalatest" % "3.2" % Test\n)\n',
            "src/main/scala/Main.scala": "import sttp.tapir.server.netty.sync.NettySyncServer\n"
            "object Main extends OxApp:\n  NettySyncServer()\n",
            "src/main/scala/Orders.scala": "import com.augustnagro.magnum.*\n",
            "src/main/resources/db/migration/V1__orders.sql": "",
            "src/test/scala/OrdersTest.scala": "import org.scalatest.flatspec.AnyFlatSpec\n",
        }
    )
    stack = found[""]
    assert (stack.kind, stack.ids("framework"), stack.ids("migrations")) == ("backend", ("tapir",), ("flyway",))
    assert (stack.ids("queries"), stack.ids("tests")) == (("magnum",), ("scalatest",))


def test_a_server_in_the_build_of_an_app_stands_alone() -> None:
    found = stacks(
        {
            "settings.gradle.kts": 'include(":app", ":backend", ":core")\n',
            "app/build.gradle.kts": 'plugins {\n    id("com.android.application")\n}\n',
            "app/src/main/kotlin/Main.kt": "import android.app.Activity\n",
            "core/build.gradle.kts": 'plugins {\n    kotlin("jvm")\n}\n',
            "core/src/main/kotlin/Talk.kt": "class Talk\n",
            "backend/build.gradle.kts": 'dependencies {\n    implementation(project(":core"))\n'
            '    implementation("io.ktor:ktor-server-netty:3.0.0")\n}\n',
            "backend/src/main/kotlin/Main.kt": "import io.ktor.server.engine.embeddedServer\n"
            "fun main() {\n    embeddedServer(Netty) {}\n}\n",
        }
    )
    assert (found["backend"].kind, found["app"].kind) == ("backend", "mobile")
    assert found["backend"].ids("framework") == ("ktor",)


def test_what_is_mounted_in_a_framework_for_pages_is_not_the_framework() -> None:
    files = {
        "package.json": '{"private": true, "scripts": {"start": "next start"}, "dependencies": {"next": "15", "hono": "4", "pg": "8"}}',
        "app/api/route.ts": "import { Hono } from 'hono'\nimport { handle } from 'hono/vercel'\nconst app = new Hono()\n",
        "app/page.tsx": "import Link from 'next/link'\n",
        "db.ts": "import pg from 'pg'\n",
    }
    assert stacks(files)[""].ids("framework") == ("nextjs",)
    own_server = files | {"package.json": files["package.json"].replace("next start", "node server.js")}
    assert stacks(own_server)[""].ids("framework") == ("hono",)


def test_a_gem_that_lists_no_program_is_a_library() -> None:
    usual = "Gem::Specification.new do |spec|\n  spec.executables = spec.files.grep(%r{^exe/})\nend\n"
    named = "Gem::Specification.new do |spec|\n  spec.executables = ['shop']\nend\n"
    assert stacks({"shop.gemspec": usual, "lib/shop.rb": "module Shop\nend\n"})[""].kind == "library"
    assert stacks({"shop.gemspec": named, "lib/shop.rb": "module Shop\nend\n"})[""].kind == "cli"
