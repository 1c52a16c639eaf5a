"""Words that a database keeps for itself: without quotes, no column can be called so."""

from __future__ import annotations

_POSTGRES = """
    all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate
    collation column concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user default deferrable desc distinct do else end
    except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into
    is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some
    symmetric table tablesample then to trailing true union unique user using variadic verbose when where
    window with
"""
_SQLITE = """
    add all alter and as autoincrement between case check collate commit constraint create default deferrable
    delete distinct drop else escape except exists foreign from group having in index insert intersect into is
    isnull join limit not nothing notnull null on or order primary references returning select set table then
    to transaction union unique update using values when where
"""
_MYSQL = """
    accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call
    cascade case change char character check collate column condition constraint continue convert create cross
    cube cume_dist current_date current_time current_timestamp current_user cursor database databases dec
    decimal declare default delayed delete dense_rank desc describe deterministic distinct distinctrow div
    double drop dual each else elseif empty enclosed escaped except exists exit explain false fetch first_value
    float for force foreign from fulltext function generated get grant group grouping groups having if ignore
    in index infile inner inout insensitive insert int integer intersect interval into is iterate join
    json_table key keys kill lag last_value lateral lead leading leave left like limit linear lines load
    localtime localtimestamp lock long loop match mod modifies natural not nth_value ntile null numeric of on
    optimize optimizer_costs option optionally or order out outer outfile over partition percent_rank precision
    primary procedure purge range rank read reads real recursive references regexp release rename repeat
    replace require resignal restrict return revoke right rlike row row_number rows schema schemas select
    sensitive separator set show signal smallint spatial specific sql ssl starting stored system table
    terminated then to trailing trigger true undo union unique unlock unsigned update usage use using values
    varchar virtual when where while window with write xor zerofill
"""
# Those of H2, which tests run on, and of the databases that they stand for.
_H2 = """
    all and any array as at between by case cast check column constraint create cross current date day default
    delete desc distinct drop else end escape except exists false fetch for foreign from full grant group
    having hour if in index inner insert intersect interval into is join key keys leading left like limit lock
    match minute month natural not null offset on or order outer over partition primary range rank read
    references right row rows second select session set show some system table then time timestamp to trailing
    trigger true union unique update user using value values when where window with year
"""
_WORDS = {
    "postgres": frozenset(_POSTGRES.split()),
    "sqlite": frozenset(_SQLITE.split()),
    "mysql": frozenset(_MYSQL.split()),
    "h2": frozenset(_H2.split()),
}


def is_sql_word(name: str, dialect: str) -> bool:
    """Whether postgres, sqlite, mysql or h2 keeps a name for itself. Of another one, it is what any of them does."""
    words = _WORDS.get(dialect) or frozenset().union(*_WORDS.values())
    return name.lower() in words
