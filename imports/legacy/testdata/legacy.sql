-- A made-up base of the system that Channelbook replaces, with rows as people leave them. Phones and addresses belong to nobody.
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
INSERT INTO alembic_version VALUES ('3f1c');
CREATE TABLE settings (id INTEGER PRIMARY KEY, name TEXT);

CREATE TABLE users (
  id INTEGER PRIMARY KEY, username VARCHAR(80), password_hash VARCHAR(128), role VARCHAR(20), email VARCHAR(120), phone VARCHAR(32),
  is_active BOOLEAN, created_at DATETIME, last_login DATETIME
);
INSERT INTO users VALUES
  (1, 'Chief', 'pbkdf2:sha256:1', 'admin', 'CHIEF@Example.RU', '8 (912) 000-00-01', 1, '2025-01-09 10:00:00', '2026-03-01 08:00:00'),
  (2, 'Roma', 'pbkdf2:sha256:2', 'distributor', 'ROMA@Example.RU', '+7 912 000 00 02', 1, '2025-02-01 10:00:00.123456', NULL),
  (3, 'roma', 'pbkdf2:sha256:3', 'distributor', NULL, NULL, 1, '2025-02-02 10:00:00', NULL),
  (4, 'boss', 'pbkdf2:sha256:4', 'boss', 'boss@example.ru', NULL, 1, '2025-02-03 10:00:00', NULL),
  (5, 'vera', 'pbkdf2:sha256:5', 'Distributor', 'not an address', '12345', 1, 'long ago', NULL),
  (6, 'x', 'pbkdf2:sha256:6', 'admin', NULL, NULL, 1, '2025-02-04 10:00:00', NULL),
  (7, 'old', 'pbkdf2:sha256:7', 'distributor', NULL, NULL, 0, '2025-02-05 10:00:00', NULL);

CREATE TABLE distributors_info (
  id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), company_name VARCHAR(200), inn VARCHAR(12), kpp VARCHAR(9), phone VARCHAR(32), email VARCHAR(120),
  is_active BOOLEAN, created_at DATETIME, manager VARCHAR(100)
);
INSERT INTO distributors_info VALUES
  (1, 2, 'ООО «Ромашка»', '7707083893', '773601001', '8 495 123 45 67', 'Office@Romashka.example', 1, '2025-02-01 10:00:00', 'Пётр'),
  (2, 3, 'ООО «Двойник»', '123', NULL, '12', 'nobody', 1, '2025-02-02 10:00:00', NULL),
  (3, 7, 'ООО «Старое»', NULL, NULL, NULL, NULL, 0, '2025-02-05 10:00:00', NULL),
  (4, 99, '  ', NULL, NULL, NULL, NULL, 1, NULL, NULL);

CREATE TABLE leads (
  id INTEGER PRIMARY KEY, distributor_id INTEGER REFERENCES distributors_info (id), first_name VARCHAR(100), last_name VARCHAR(100), phone VARCHAR(64), email VARCHAR(120),
  ip VARCHAR(45), status VARCHAR(20), created_at DATETIME, updated_at DATETIME, taken_at DATETIME, sold_at DATETIME, payout NUMERIC, sale_amount NUMERIC,
  reject_reason TEXT, comment TEXT, funnel TEXT, subid TEXT, utm_source TEXT, utm_medium TEXT, utm_campaign TEXT, utm_term TEXT, campaign_id TEXT, campaign_name TEXT, banner_id TEXT,
  advertiser_id TEXT, region TEXT, gender TEXT, age TEXT, random TEXT, impression_weekday TEXT, impression_hour TEXT, user_timezone TEXT, placement TEXT, device_type TEXT,
  position TEXT, sub_id_1 TEXT, sub_id_2 TEXT, sub_id_3 TEXT, sub_id_10 TEXT, operator_mood TEXT
);
INSERT INTO leads VALUES
  (1, 1, 'Анна', 'Петрова', '8 (912) 345-67-89', 'ANNA@Example.RU', '203.0.113.7', 'new', '2026-03-01 23:30:00', '2026-03-02 00:10:00', NULL, NULL, NULL, NULL, NULL, 'Перезвонить', 'quiz',
   's-1', 'vk', 'cpc', 'spring', 'дом', 'c-7', 'Весна', 'b-1', 'a-1', 'Москва', 'female', '25-34', 'r-1', 'Sunday', '23', 'Europe/Moscow', 'feed', 'mobile', '1', 'one', NULL, 'three', 'ten', 'good'),
  (2, 1, 'Иван', NULL, '12345', 'ivan@example.ru', 'nowhere', 'in_progress', '2026-02-10 10:00:00', '2026-02-11 10:00:00', '2026-02-10 11:00:00', NULL, NULL, NULL, NULL, NULL, NULL,
   '{subid}', 'vk', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'bad'),
  (3, 1, 'Олег', 'Серов', '89120000003', NULL, NULL, 'sale', '2026-01-10 10:00:00', '2026-01-16 10:00:00', '2026-01-10 12:00:00', '2026-01-15 23:30:00', 1500.5, 30000, NULL, NULL, NULL,
   NULL, 'vk', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 2, 'Яна', NULL, '89120000004', NULL, NULL, 'Sold', '2026-02-10 10:00:00', '2026-02-12 10:00:00', NULL, NULL, '1 000,005', NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, NULL, 'Ада', NULL, '89120000005', NULL, NULL, 'sale', '2026-02-10 10:00:00', NULL, NULL, '2026-02-12', 100, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 3, 'Нина', NULL, '89120000006', NULL, NULL, 'отказ', '2026-02-10 10:00:00', '2026-02-13 10:00:00', NULL, NULL, NULL, NULL, 'Дорого', NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (7, 1, 'Анна', 'Петрова', '8 (912) 345-67-89', NULL, NULL, 'duplicate', '2026-03-02 10:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (8, 77, 'Семён', NULL, '89120000008', NULL, NULL, 'in_progress', '2026-03-02 11:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (9, 1, 'Рита', NULL, '89120000009', NULL, NULL, 'думает', '2026-03-02 12:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (10, 1, 'Глеб', NULL, '89120000010', NULL, NULL, 'new', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (11, 1, 'Майя', NULL, '89120000011', NULL, NULL, 'new', '2027-01-01 10:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (12, 1, 'Юлия', NULL, '89120000012', NULL, NULL, 'sale', '2026-02-10 10:00:00', NULL, NULL, '2026-02-12', 'много', NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (13, 1, 'Пётр', NULL, '89120000013', NULL, NULL, 'sale', '2025-12-01 10:00:00', NULL, NULL, '2025-12-20', 900, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (14, 1, NULL, NULL, 'Анна, звоните вечером', 'нет', NULL, 'new', '2026-03-03 10:00:00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (15, NULL, 'Спамер', NULL, '89120000015', NULL, NULL, 'spam', '2026-03-03 11:00:00', NULL, NULL, NULL, 300, 0, 'Ругался', NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (16, 1, 'Рано', NULL, '89120000016', NULL, NULL, 'sale', '2026-02-20 10:00:00', NULL, NULL, '2026-02-12', 200, -5, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE goals (id INTEGER PRIMARY KEY, distributor_id INTEGER, month VARCHAR(7), goal_type VARCHAR(20), target NUMERIC);
INSERT INTO goals VALUES
  (1, 1, '03.2026', 'leads', 2), (2, 1, '13.2024', 'leads', 5), (3, 1, '02.2026', 'sales', -3), (4, 1, '02.2026', NULL, 5), (5, 1, '03.2026', 'leads', 7),
  (6, 1, '12.2025', 'payout', 1000), (7, 88, '03.2026', 'leads', 4), (8, 1, '01.2026', 'payout', 1500), (9, 2, '02.2026', 'мечта', 1), (10, 2, '02.2026', 'sales', 1.5), (11, 2, '02.2026', 'payout', NULL);

CREATE TABLE leads_blacklist (id INTEGER PRIMARY KEY, phone VARCHAR(64), email VARCHAR(120), value VARCHAR(120), reason TEXT, created_at DATETIME);
INSERT INTO leads_blacklist VALUES
  (1, '8 912 111 11 11', NULL, NULL, 'Просил не звонить', '2025-06-01 10:00:00'), (2, '123', NULL, NULL, NULL, NULL), (3, NULL, 'BAD@Example.RU', NULL, NULL, '2025-06-02 10:00:00'),
  (4, NULL, NULL, '198.51.100.0/24', NULL, NULL), (5, NULL, NULL, 'spam.example', NULL, NULL), (6, '+79121111111', NULL, NULL, NULL, NULL), (7, NULL, NULL, NULL, 'Никто', NULL);

CREATE TABLE notifications (id INTEGER PRIMARY KEY, user_id INTEGER, title VARCHAR(200), message TEXT, is_read BOOLEAN, created_at DATETIME);
INSERT INTO notifications VALUES
  (1, 2, 'Встреча', 'В пятницу в 15:00', 1, '2026-03-05 10:00:00'), (2, 2, NULL, 'Новая реклама', 0, '2026-03-04 10:00:00'), (3, 2, 'Давно', 'Это было давно', 0, '2025-01-01 10:00:00'),
  (4, 2, 'Новый лид', 'Анна, 8 912 345-67-89', 0, '2026-03-05 11:00:00'), (5, 42, 'Кому?', 'Никому', 0, '2026-03-05 12:00:00'), (6, 1, 'Отчёт', 'Готов', 0, '2026-03-05 13:00:00');

CREATE TABLE templates (id INTEGER PRIMARY KEY, name VARCHAR(80), distributor_id INTEGER, subject TEXT, body TEXT);
INSERT INTO templates VALUES
  (1, 'welcome', 1, 'Здравствуйте, {first_name}', '{{ name }}, вам позвонит {company_name}.'), (2, 'new_lead', NULL, 'Новый лид', '{name}, посмотрите: {link} {lead_phone}'),
  (3, 'monthly_report', NULL, 'Отчёт', 'Отчёт'), (4, 'sale', NULL, 'Продажа', '{{title}}: {{text}}'), (5, 'welcome', NULL, 'Здравствуйте', 'Здравствуйте');
