"""A table that is followed by logical decoding: random transactions while both ends are killed. In the end what is published
equals the table, the slot keeps little, and a change of columns is named and loses nothing. --long: 100,000 changes."""
import shutil
import threading
import time
import unittest

from test_sources import Postgres
from world import *

LONG = "--long" in sys.argv or os.environ.get("ROOTLET_LONG")
CHANGES = 100_000 if LONG else 4_000
DEFINITION = {
    "id": "people", "title": "People", "provider": {"code": "11X", "name": "Unit"}, "format": "table", "update": "realtime",
    "sharing": {"attribute": "unconditional"}, "grade": "general", "division": {"column": "code", "digits": 4},
    "columns": [{"name": "id", "type": "integer", "key": True}, {"name": "code", "type": "text"}, {"name": "note", "type": "text"}]}


class Follow(unittest.TestCase):
    def setUp(self):
        self.world = World().__enter__()
        self.addCleanup(self.world.__exit__, None, None, None)
        self.world.make_realm()
        self.folder = self.world.folder
        self.postgres = Postgres(self.folder)
        self.addCleanup(self.postgres.stop)
        self.sql = self.postgres.sql
        self.sql("CREATE TABLE people(id bigint PRIMARY KEY, code text NOT NULL, note text);"
                 "CREATE TABLE other(id bigint PRIMARY KEY)")
        self.sql("INSERT INTO people SELECT i, (ARRAY['3304','1101','1201'])[1+i%3], 'v'||i FROM generate_series(1,500) i")
        self.sql("CREATE PUBLICATION people FOR TABLE people, other")
        (self.folder / "people.json").write_text(json.dumps(DEFINITION))
        self.world.platform("dataset", "add", self.folder / "people.json")
        self.set_source()

    def set_source(self, *words, **more):
        address = self.postgres.address.replace("postgresql:", "postgres:") + "?table=people"
        file = {"from": address, "when": {"every": "1m"}, "accept_changes": 100, "follow": {"publication": "people"}, **more}
        (self.folder / "people.source.json").write_text(json.dumps(file))
        return self.world.platform("dataset", "source", "set", "people", self.folder / "people.source.json", *words)

    def publish(self, **options):
        return self.world.platform("publish", "people", "--scheduled", "--json", **options)

    def check_equal(self):
        """What is published is the table."""
        report = self.world.platform("publish", "people", "--from", self.postgres.address.replace("postgresql:", "postgres:") +
                                     "?query=SELECT id, code, note FROM people", "--dry-run", "--json").json()
        self.assertEqual((report["added"], report["changed"], report["removed"]), (0, 0, 0), report)

    def lag(self):
        return int(self.sql("SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)), -1)::bigint FROM "
                            "pg_replication_slots").strip())

    def transaction(self, size):
        """SQL of one random transaction; some are rolled back."""
        parts = []
        for _ in range(size):
            number = RANDOM.randrange(1, 700)
            code = RANDOM.choice(["3304", "1101", "1201"])
            parts.append(RANDOM.choice([
                f"INSERT INTO people VALUES({number}, '{code}', 'n{RANDOM.random()}') ON CONFLICT (id) DO UPDATE SET note=excluded.note",
                f"UPDATE people SET code='{code}', note=repeat('长文', {RANDOM.randrange(3)}) WHERE id={number}",
                f"UPDATE people SET id=id+{RANDOM.choice([1000, 2000])} WHERE id={number} AND NOT EXISTS(SELECT 1 FROM people p WHERE "
                f"p.id IN ({number}+1000, {number}+2000))",
                f"DELETE FROM people WHERE id={number}", f"INSERT INTO other VALUES({RANDOM.randrange(10**9)})"
                " ON CONFLICT DO NOTHING"]))
        return "BEGIN; " + "; ".join(parts) + ("; ROLLBACK" if RANDOM.random() < 0.1 else "; COMMIT")

    def write(self):
        """The provider's work, while the server is killed now and then."""
        done = 0
        while done < CHANGES:
            size = RANDOM.randrange(1, 60)
            ran = subprocess.run(["psql", self.postgres.address, "-qAtc", self.transaction(size)], capture_output=True, text=True)
            if ran.returncode == 0:
                done += size
            else:
                time.sleep(0.05)

    def test_random_transactions_with_kills_of_both_ends(self):
        writer = threading.Thread(target=self.write)
        writer.start()
        kills = succeeded = 0
        while writer.is_alive():
            if RANDOM.random() < 0.15:
                self.postgres.stop()
                self.postgres.resume()
                kills += 1
            child = subprocess.Popen([str(word) for word in (PLATFORM, "--realm", self.world.realm, "publish", "people", "--scheduled")],
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
            if RANDOM.random() < 0.4:
                time.sleep(RANDOM.random() * 0.15)
                child.kill()
                kills += 1
            succeeded += child.wait() == 0
        writer.join()
        self.assertGreater(kills, 3)
        self.assertGreater(succeeded, 1)
        report = self.publish().json()
        self.check_equal()
        self.publish()
        self.assertLess(self.lag(), 100_000)
        again = self.publish().json()
        self.assertEqual((again["added"], again["changed"], again["removed"], again["whole"]), (0, 0, 0, False), report)
        self.assertEqual(self.world.platform("verify", "--json").json()["problems"], [])
        print(f"{CHANGES} changes, {kills} kills, {succeeded} publishes in between", flush=True)

    def test_other_columns_are_named_and_nothing_is_lost(self):
        self.assertTrue(self.publish().json()["whole"])
        self.sql("UPDATE people SET note='before' WHERE id=1")
        self.sql("ALTER TABLE people RENAME COLUMN note TO remark")
        self.sql("UPDATE people SET remark='after' WHERE id=2; DELETE FROM people WHERE id=3")
        refused = self.publish(check=8)
        self.assertIn("remark", refused.out)
        self.assertEqual(self.world.platform("dataset", "source", "list", "--json").json()["sources"][0]["state"], "failing")
        self.assertGreater(self.lag(), 0)
        self.sql("ALTER TABLE people RENAME COLUMN remark TO note")
        self.sql("UPDATE people SET note='again' WHERE id=4")
        # Rows that were written under the other name come under it: the mapping must name it, or all rows are read again.
        self.set_source()
        self.assertTrue(self.publish().json()["whole"])
        self.check_equal()

    def test_what_the_log_does_not_say_makes_all_rows_be_compared(self):
        self.publish()
        self.sql("TRUNCATE people; INSERT INTO people VALUES(1, '3304', 'one')")
        report = self.publish().json()
        self.assertTrue(report["whole"])
        self.assertEqual(report["rows"], 1)
        self.check_equal()
        self.sql("ALTER TABLE people ALTER COLUMN note SET STORAGE EXTERNAL")
        self.sql("UPDATE people SET note=repeat('x', 10000)")
        self.publish()
        self.sql("UPDATE people SET code='1101'")  # the long text is not sent again
        self.assertTrue(self.publish().json()["whole"])
        self.check_equal()
        self.sql("ALTER TABLE people REPLICA IDENTITY FULL; UPDATE people SET code='1201'")
        self.assertFalse(self.publish().json()["whole"])
        self.check_equal()

    def test_a_server_that_was_put_back_is_compared_whole(self):
        self.publish()
        self.sql("CHECKPOINT")
        self.postgres.stop()
        data, kept = self.folder / "pg" / "data", self.folder / "kept"
        shutil.copytree(data, kept)
        self.postgres.resume()
        self.sql("UPDATE people SET note='gone' WHERE id<200; DELETE FROM people WHERE id>480")
        self.publish()
        self.check_equal()
        self.postgres.stop()
        shutil.rmtree(data)
        shutil.copytree(kept, data)
        subprocess.run(["chown", "-R", f"--reference={self.folder / 'pg'}", data], check=True)
        self.postgres.resume()
        self.sql("UPDATE people SET note='other' WHERE id=7")
        self.assertTrue(self.publish().json()["whole"])
        self.check_equal()
        self.sql("UPDATE people SET note='again' WHERE id=8")
        self.assertFalse(self.publish().json()["whole"])
        self.check_equal()

    def test_a_slot_that_was_lost_is_followed_only_after_all_rows(self):
        self.publish()
        self.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
        self.sql("UPDATE people SET note='meanwhile' WHERE id<100")
        self.sql("ALTER TABLE people RENAME COLUMN note TO remark")
        self.publish(check=8)  # the slot is there again, and the table was not read
        self.assertGreaterEqual(self.lag(), 0)
        self.sql("ALTER TABLE people RENAME COLUMN remark TO note")
        self.assertTrue(self.publish().json()["whole"])
        self.check_equal()

    def test_what_was_published_by_hand_is_compared_whole(self):
        self.publish()
        other = self.folder / "other.csv"
        other.write_text("id,code,note\n1,3304,by hand\n2,3304,by hand\n")
        self.world.platform("publish", "people", "--from", f"csv:{other}", "--accept-changes", "100%")
        self.sql("UPDATE people SET note='later' WHERE id=3")
        self.assertTrue(self.publish().json()["whole"])
        self.check_equal()

    def test_no_slot_is_left_unseen(self):
        self.publish()
        listed = self.world.platform("dataset", "source", "list", "--json").json()["sources"][0]
        self.assertIn("lag_bytes", listed)
        slots = lambda: self.sql("SELECT slot_name FROM pg_replication_slots").split()
        ours, = slots()
        left = ours.rsplit("_", 1)[0] + "_old"
        self.sql(f"SELECT pg_create_logical_replication_slot('{left}', 'pgoutput')")
        self.assertIn(f"slot {left} is followed by no source file", self.publish().err)
        self.sql(f"SELECT pg_drop_replication_slot('{left}')")
        self.postgres.stop()
        refused = self.world.platform("dataset", "source", "remove", "people", check=3)
        self.assertIn(f"pg_drop_replication_slot('{ours}')", refused.err)
        self.assertEqual(len(self.world.platform("dataset", "source", "list", "--json").json()["sources"]), 1)
        self.postgres.resume()
        self.world.platform("dataset", "source", "remove", "people")
        self.assertEqual(slots(), [])
        self.set_source(follow={"publication": "nobody"})
        self.assertIn("CREATE PUBLICATION nobody FOR TABLE public.people", self.publish(check=2).err)


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if word != "--long"]
    unittest.main(verbosity=2)
