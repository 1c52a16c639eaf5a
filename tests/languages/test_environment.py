"""What each language reads from its environment or its configuration, by whichever of its usual ways."""

from __future__ import annotations

import pytest

from backwright.core.facts import Setting
from backwright.engine.registry import Registry

LANGUAGES = {suffix: language for language in Registry().languages for suffix in language.suffixes}

READS = {
    "a.py": """
import os
A = os.environ["ONE"]
B = os.environ.get("TWO", "2")
C = os.getenv("THREE").lower()
D = env.bool("FOUR", default=True)
E = cache.get("NOT_ONE") + os.environ[name]
""",
    "a.ts": """
const a = process.env.ONE
const b = process.env["TWO"] ?? "2"
const c = import.meta.env.THREE
const { FOUR, FIVE: five } = process.env
const d = this.configService.get<string>("SIX")
const e = configService.getOrThrow("SEVEN")
const f = Bun.env.EIGHT + Deno.env.get("NINE")
const g = useRuntimeConfig().NOT_ONE
""",
    "a.go": """
package a
var a = os.Getenv("ONE")
func f() {
	b, ok := os.LookupEnv("TWO")
	c := viper.GetString("THREE")
	d := viper.GetBool("FOUR")
	e := cache.Get("NOT_ONE")
}
type Config struct {
	Port int `env:"FIVE" envDefault:"80"`
	Host string `envconfig:"SIX"`
}
""",
    "a.rs": """
fn f() {
    let a = std::env::var("ONE").unwrap();
    let b = env::var("TWO").unwrap_or("2".into());
    let c = dotenvy::var("THREE");
    let d = option_env!("FOUR");
}
""",
    "A.java": """
class A {
  @Value("${five.six:7}") String v;
  A(@Value("${in.constructor}") String w) {}
  void f() { System.getenv("ONE"); System.getProperty("TWO"); environment.getProperty("THREE"); System.getenv().get("FOUR"); }
}
""",
    "a.kt": """
fun f() {
    val a = System.getenv("ONE") ?: "1"
    val b = environment.config.property("TWO").getString()
    val c = environment.config.propertyOrNull("THREE")
}
class A(@Value("\\${five.six}") val v: String)
""",
    "A.cs": """
class A {
  void F() {
    var a = Environment.GetEnvironmentVariable("ONE");
    var b = configuration["TWO"];
    var c = builder.Configuration.GetConnectionString("THREE");
    var d = _configuration.GetValue<int>("FOUR");
    var e = Configuration.GetSection("FIVE");
  }
}
""",
    "a.rb": """
A = ENV["ONE"]
B = ENV.fetch("TWO", "2")
C = Rails.application.credentials.dig(:NOT_ONE)
""",
    "a.php": """<?php
$a = env('ONE', '1');
$b = getenv('TWO');
$c = $_ENV['THREE'] ?? '3';
$d = config('app.four');
""",
    "a.ex": """
defmodule A do
  def f do
    System.get_env("ONE")
    System.fetch_env!("TWO")
    Application.get_env(:app, :three)
    Application.fetch_env!(:app, :four)
  end
end
""",
}
READ = {
    "a.py": ["ONE", "TWO", "THREE", "FOUR"],
    "a.ts": ["ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"],
    "a.go": ["ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX"],
    "a.rs": ["ONE", "TWO", "THREE", "FOUR"],
    "A.java": ["five.six", "in.constructor", "ONE", "TWO", "THREE", "FOUR"],
    "a.kt": ["ONE", "TWO", "THREE", "five.six"],
    "A.cs": ["ONE", "TWO", "THREE", "FOUR", "FIVE"],
    "a.rb": ["ONE", "TWO"],
    "a.php": ["ONE", "TWO", "THREE", "app.four"],
    "a.ex": ["ONE", "TWO", "three", "four"],
}


@pytest.mark.parametrize("path", READS)
def test_what_is_read_from_the_environment(path: str) -> None:
    facts = LANGUAGES[path[path.rfind(".") :]].extract(path, READS[path].encode(), "").facts
    found = [fact.name for fact in facts if isinstance(fact, Setting)]
    assert sorted(set(found)) == sorted(READ[path])
