"""Names lead to their definitions in languages that do not name modules as Python does; a rule sees its languages only."""

from __future__ import annotations

import pytest

from backwright.core.archmap import ArchMap
from backwright.core.stack import Stack
from backwright.engine.checking import check
from backwright.kit.index import FactIndex
from backwright.kit.shapes import Rule
from patterns_scene import read_project

TYPESCRIPT = {
    "tsconfig.json": '{ "compilerOptions": { "baseUrl": ".", /* here */ "paths": { "@/*": ["src/*"], } } } // end',
    "src/app.ts": 'import { find as look } from "@/users/service";\nimport Store from "./store.js";\nimport { all } from "./users";',
    "src/users/service.ts": "export function find() {}",
    "src/users/index.ts": 'export { find as all } from "./service";',
    "src/store.ts": "class Store { get() {} }\nexport default Store;",
}
GO = {
    "go.mod": "module example.com/shop\n",
    "main.go": 'package main\n\nimport "example.com/shop/internal/users"\n',
    "internal/users/a.go": "package users\n\ntype Service struct{}\n",
    "internal/users/b.go": "package users\n\nfunc (s *Service) Find() {}\n\nfunc New() *Service { return nil }\n",
}
RUST = {
    "Cargo.toml": "",
    "src/main.rs": "mod db;\nuse crate::db::users::find;\nfn main() {}",
    "src/db/mod.rs": "pub mod users;",
    "src/db/users.rs": "pub fn find() {}",
}
JAVA = {
    "a/Main.java": "package a;\nimport a.b.Users;\nimport a.c.*;\nclass Main {}",
    "a/b/Users.java": "package a.b;\npublic class Users { void find() {} }",
    "a/c/Pets.java": "package a.c;\npublic class Pets {}",
    "a/Near.java": "package a;\nclass Near {}",
}
PHP = {
    "routes.php": "<?php\nuse App\\Http\\Users;\n",
    "app/Users.php": "<?php\nnamespace App\\Http;\nclass Users { function find() {} }",
}
ELIXIR = {
    "lib/web.ex": "defmodule Web do\n  alias Shop.Users\nend",
    "lib/users.ex": "defmodule Shop.Users do\n  def find(id), do: id\nend",
}


EXTENDED = {
    "tsconfig.base.json": '{ "compilerOptions": { "baseUrl": ".", "paths": { "@shop/db": ["libs/db/src/index.ts"] } } }',
    "apps/api/tsconfig.json": '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }',
    "apps/api/src/main.ts": 'import { connect } from "@shop/db";\nimport { users } from "~/users";',
    "apps/api/src/users.ts": "export const users = [];",
    "libs/db/src/index.ts": "export function connect() {}",
}
PRIVATE = {
    "package.json": '{ "imports": { "#controllers/*": "./app/controllers/*.js", "#db": { "default": "./app/db.js" } } }',
    "start/routes.ts": 'import Posts from "#controllers/posts";\nimport { pool } from "#db";',
    "app/controllers/posts.ts": "export default class Posts { show() {} }",
    "app/db.ts": "export const pool = 1;",
}
RUBY = {
    "app/models/shop/order.rb": "module Shop\n  class Order\n    def pay; end\n  end\nend",
    "app/services/charge.rb": "class Charge\n  def call\n    Shop::Order.new.pay\n  end\nend",
}
CSHARP = {
    "src/Users.cs": "namespace Shop.Core;\npublic class Users { public void Find() {} }",
    "src/Web.cs": "using Shop.Core;\nnamespace Shop.Web;\npublic class Page {}",
}
KOTLIN = {
    "a/Main.kt": "package a\nimport a.b.Users as People\nfun main() {}",
    "a/b/Users.kt": "package a.b\nclass Users { fun find() {} }",
}


@pytest.mark.parametrize(
    ("files", "start", "name", "path"),
    [
        (EXTENDED, "apps/api/src/main.ts", "connect", "libs/db/src/index.ts"),
        (EXTENDED, "apps/api/src/main.ts", "users", "apps/api/src/users.ts"),
        (PRIVATE, "start/routes.ts", "Posts.show", "app/controllers/posts.ts"),
        (PRIVATE, "start/routes.ts", "pool", "app/db.ts"),
        (RUBY, "app/services/charge.rb", "Shop.Order", "app/models/shop/order.rb"),
        (CSHARP, "src/Web.cs", "Users.Find", "src/Users.cs"),
        (KOTLIN, "a/Main.kt", "People.find", "a/b/Users.kt"),
        (TYPESCRIPT, "src/app.ts", "look", "src/users/service.ts"),
        (TYPESCRIPT, "src/app.ts", "Store.get", "src/store.ts"),
        (TYPESCRIPT, "src/app.ts", "all", "src/users/service.ts"),
        (GO, "main.go", "users.New", "internal/users/b.go"),
        (GO, "internal/users/b.go", "Service", "internal/users/a.go"),
        (RUST, "src/main.rs", "find", "src/db/users.rs"),
        (RUST, "src/main.rs", "db.users.find", "src/db/users.rs"),
        (JAVA, "a/Main.java", "Users.find", "a/b/Users.java"),
        (JAVA, "a/Main.java", "Pets", "a/c/Pets.java"),
        (JAVA, "a/Main.java", "Near", "a/Near.java"),
        (PHP, "routes.php", "Users.find", "app/Users.php"),
        (ELIXIR, "lib/web.ex", "Users.find", "lib/users.ex"),
    ],
)
def test_a_name_leads_to_its_definition(files: dict[str, str], start: str, name: str, path: str) -> None:
    found = read_project(files).resolve(start, name)
    assert found is not None
    assert found.path == path


def test_what_is_not_there_is_not_found() -> None:
    assert read_project(JAVA).resolve("a/Main.java", "Nothing.find") is None
    assert read_project(GO).resolve("main.go", "users.Missing") is None


def test_a_rule_sees_files_of_its_languages_only() -> None:
    seen: list[str] = []

    def look(index: FactIndex, archmap: ArchMap) -> list[None]:
        seen.extend(index.files)
        return []

    rule = Rule("BW999", "looks", "advice", ("python",), look)  # type: ignore[arg-type]  # it finds nothing
    check([rule], read_project({"a.py": "x = 1", "b.ts": "const x = 1", "c.go": "package c"}), ArchMap("", Stack("")))
    assert seen == ["a.py"]


def test_what_a_namespace_uses_is_not_part_of_it() -> None:
    index = read_project(
        {
            "A.cs": "using Shop.B;\nnamespace Shop.A { class Main : Thing {} }",
            "B.cs": "using Shop.C;\nnamespace Shop.B { class Other {} }",
            "C.cs": "namespace Shop.C { class Thing {} class Clock {} }",
            "D.cs": "namespace Shop.D { class Thing {} }",
        }
    )
    assert index.resolve("A.cs", "Thing") is None  # two of that name, and neither in a namespace that is used here
    assert index.resolve("B.cs", "Thing") is not None


def test_namespaces_and_barrels_that_all_know_each_other_take_no_time() -> None:
    many = range(40)
    using = "".join(f"using Shop.N{n};\n" for n in many)
    index = read_project({f"{n}.cs": f"{using}namespace Shop.N{n} {{ class C{n} : Missing {{}} }}" for n in many})
    assert [index.resolve(f"{n}.cs", "Missing") for n in many] == [None] * 40
    everything = "".join(f'export * from "./m{n}";\n' for n in many)
    barrels = {f"m{n}.ts": f"{everything}export const own{n} = 1;" for n in many}
    index = read_project({**barrels, "main.ts": 'import { own39, missing } from "./m0";'})
    assert index.resolve("main.ts", "missing") is None
    found = index.resolve("main.ts", "own39")
    assert found is not None
    assert found.path == "m39.ts"
