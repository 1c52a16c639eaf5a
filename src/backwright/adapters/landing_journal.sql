-- What was there and what shall be, written before anything is touched.
create table if not exists landing (
    seq       integer primary key autoincrement,
    id        text not null,      -- of the change set; it may land again after an undo
    title     text not null,
    at        text not null,      -- ISO 8601, UTC
    phase     text not null,      -- staging, swapping, landed, settled
    undoes    integer,            -- seq of the landing that this one undoes
    undone_by integer             -- seq of the landing that undid this one
);
create table if not exists swap (
    landing integer not null,
    number  integer not null,
    path    text not null,
    before  blob,                 -- null: absent
    after   blob,
    mode    integer not null,
    temp    text not null,
    primary key (landing, number)
);
create table if not exists directory (
    landing integer not null,
    path    text not null         -- created for the landing
);
pragma user_version = 1;
