-- The mailbox between TD.Office and truc-adapter, for PostgreSQL. Other databases: bytea is varbinary(max) or BLOB, bigserial
-- is IDENTITY or AUTOINCREMENT. docs/adapters-database.md says who writes what; every name may be another one, and columns
-- without NOT NULL may be missing, as long as the configuration of the adapter says so.
-- Days are texts, dd/MM/yyyy, because documents carry days that no calendar has; with date_columns = true they are dates.

-- Documents of ours that go out. The legacy program inserts attachments and receivers first, or sets status = 0 last.
CREATE TABLE document_senders (
    id                  bigserial PRIMARY KEY,
    status              integer NOT NULL DEFAULT 0, -- 0 to be sent, 1 sent, -1 error, 13 ask it back, 14 asked back; others: not for us
    error_text          text,                       -- written by the adapter, for clerks
    sender_code         varchar(35),                -- 000-00-19-H40; may be empty where the adapter serves one agency
    sender_name         text,
    document_id         varchar(200),               -- empty: code,date,number/notation
    number              varchar(50),
    notation            varchar(50),
    place               text,
    promulgation_date   varchar(30),
    document_type       varchar(10),
    type_name           varchar(100),
    subject             text,
    content             text,                       -- an abstract
    signer_competence   text,
    signer_position     text,
    signer_name         text,
    due_date            varchar(30),
    priority            varchar(30),                -- 0 to 4, or in words: Khẩn, Thượng khẩn, Hỏa tốc
    do_mat              varchar(30) DEFAULT 'Thường', -- any other value than those known for "none": it stays here
    promulgation_amount varchar(10),
    page_amount         varchar(10),
    department          text,
    staff               text,
    mobile              varchar(50),
    email               varchar(100),
    reply_agency        varchar(35),                -- the document that this one answers
    reply_code          varchar(100),
    reply_date          varchar(30),
    reply_document_id   varchar(200),
    recall_reason       text,                       -- with status 13
    sent_document_id    varchar(200),               -- these three are the adapter's
    sent_at             varchar(30),
    truc_id             varchar(36)
);
CREATE INDEX document_senders_status ON document_senders (status, id);
CREATE INDEX document_senders_sent ON document_senders (sent_document_id);

-- Whom a document of ours goes to, and how it fared there.
CREATE TABLE document_receivers (
    id             bigserial PRIMARY KEY,
    document_id    bigint NOT NULL REFERENCES document_senders (id),
    organ_code     varchar(35) NOT NULL,
    organ_name     text,
    send_status    integer NOT NULL DEFAULT 0, -- 1 handed over to the recipient's system, -1 it will not arrive: error_text
    handed_over_at varchar(30),
    error_text     text,
    state          integer NOT NULL DEFAULT 0, -- 0 not received, 1 received, 3 returned, 4 asked back, 5 given back
    status         varchar(10),                -- as TD.Office counts: 1 received, 2 assigned, 3 at work or done, 5 returned
    status_code    varchar(10),                -- of edXML: 01 to 06
    status_reason  text,
    status_at      varchar(30),
    recall_status  integer NOT NULL DEFAULT 0, -- 0 not asked, 1 asked, -1 error
    recall_round   integer NOT NULL DEFAULT 0  -- counted up by the adapter when the recipient refuses
);
CREATE INDEX document_receivers_document ON document_receivers (document_id);

-- Documents that came. The adapter inserts; clerks set state.
CREATE TABLE incoming_documents (
    id                  bigserial PRIMARY KEY,
    delivery_id         varchar(36) NOT NULL UNIQUE,
    truc_id             varchar(36),
    document_id         varchar(200) NOT NULL,
    sender_code         varchar(35) NOT NULL,
    sender_name         text,
    recipient_code      varchar(35) NOT NULL,
    number              varchar(50),
    notation            varchar(50),
    place               text,
    promulgation_date   varchar(30),
    document_type       varchar(10),
    type_name           varchar(100),
    subject             text,
    content             text,
    signer_competence   text,
    signer_position     text,
    signer_name         text,
    due_date            varchar(30),
    priority            varchar(30),
    promulgation_amount varchar(10),
    page_amount         varchar(10),
    department          text,
    staff               text,
    mobile              varchar(50),
    email               varchar(100),
    reply_agency        varchar(35),
    reply_code          varchar(100),
    reply_date          varchar(30),
    reply_document_id   varchar(200),
    received_at         varchar(30) NOT NULL,
    state               integer NOT NULL DEFAULT 0, -- 0 new, 1 received; 4: the sender asks it back, the clerk sets 5 (given back) or 1 (not)
    recall_delivery     varchar(36),
    recall_reason       text,
    recall_answer       integer,                    -- 0 open, 1 answered, -1 error
    answer_reason       text,
    error_text          text,
    edxml               bytea                       -- as it came, with the sender's signature
);
CREATE INDEX incoming_documents_document ON incoming_documents (document_id);
CREATE INDEX incoming_documents_answer ON incoming_documents (recall_answer);

-- Of documents in both directions: exactly one of document_id and incoming_id; content, or a path below attachment_root.
CREATE TABLE document_attachments (
    id           bigserial PRIMARY KEY,
    document_id  bigint REFERENCES document_senders (id),
    incoming_id  bigint REFERENCES incoming_documents (id),
    name         text,
    content_type varchar(100),
    description  text,
    content      bytea,
    path         text
);
CREATE INDEX document_attachments_document ON document_attachments (document_id);
CREATE INDEX document_attachments_incoming ON document_attachments (incoming_id);

-- Statuses in both directions. Clerks insert rows with incoming_id and send_status = 0; the adapter inserts what others report
-- about our documents.
CREATE TABLE document_status (
    id                bigserial PRIMARY KEY,
    direction         varchar(3),            -- out, in
    document_id       bigint REFERENCES document_senders (id),
    incoming_id       bigint REFERENCES incoming_documents (id),
    about_document_id varchar(200),
    agency_code       varchar(35),
    status_code       varchar(10),           -- out: 01 to 06, or as TD.Office counts; in: of edXML
    status            varchar(10),           -- in: as TD.Office counts
    reason            text,
    department        text,
    staff             text,
    mobile            varchar(50),
    email             varchar(100),
    reported_at       varchar(30),
    send_status       integer,               -- out: 0 to be sent, 1 sent, -1 error
    error_text        text,
    delivery_id       varchar(36) UNIQUE,    -- in
    truc_id           varchar(36)
);
CREATE INDEX document_status_send ON document_status (send_status);
