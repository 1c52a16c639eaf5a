CREATE TABLE parcels (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tracking_number VARCHAR(40) NOT NULL UNIQUE,
    weight NUMERIC(8, 3) NOT NULL CHECK (weight > 0),
    status VARCHAR(20) NOT NULL DEFAULT 'registered' CHECK (status IN ('registered', 'stored', 'delivered')),
    note TEXT,
    depot_id BIGINT NOT NULL REFERENCES depots (id) ON DELETE RESTRICT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX parcels_depot_id_idx ON parcels (depot_id);
