INSERT INTO account (email, password_hash, standing, created_at) VALUES ('op@example.test', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA', 'operator', 1795301748000000);
INSERT INTO account (email, password_hash, standing, created_at) VALUES ('owner@example.test', NULL, 'member', 1795301748000000);
