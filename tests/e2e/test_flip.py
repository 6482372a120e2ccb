"""One flipped bit in any file of the repository: exit 4, rows unchanged, the next good publish applies."""
import unittest

from world import *


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at // 8] ^= 1 << (at % 8)
    path.write_bytes(bytes(data))


class Flip(unittest.TestCase):
    def test_every_file_that_a_sync_reads_is_guarded(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "old.csv", "3304"))
            world.serve()
            office = world.office("jiaxing", "3304")
            office.run("sync")
            before = office.rows()
            repository = world.realm / "repository"
            seen = {p for p in repository.rglob("*") if p.is_file()}

            world.publish(subset(NEW, world.folder / "new.csv", "3304"))
            fresh = [p for p in repository.rglob("*") if p.is_file() and p not in seen]
            fresh = [path for path in fresh if path.suffix != ".news"]
            fresh.append(repository / "metadata" / "timestamp.json")
            self.assertGreaterEqual(len(fresh), 4)
            # News are copies of other files, so they must never do harm, and may do no good.
            news = repository / "news" / "3304.news"
            copies = [news] * 12
            applied = 0
            for path in copies + fresh:
                if path is fresh[0]:
                    news.unlink()  # from here on every file is read by itself
                good = path.read_bytes()
                spare = office.home.with_name("spare")
                shutil.copytree(office.home, spare)
                flip(path, RANDOM.randrange(len(good) * 8))
                done = office.run("sync", check=None)
                with self.subTest(file=str(path.relative_to(repository))):
                    if done.code == 0:   # this sync does not read the file, or not only this one
                        applied += path is not news
                        self.assertEqual(office.rows(), rows_of(NEW, "3304"))
                    else:
                        self.assertEqual(done.code, 4, done.err)
                        self.assertTrue(done.err.strip())
                        self.assertEqual(office.rows(), before)
                path.write_bytes(good)
                shutil.rmtree(office.home)
                spare.rename(office.home)
            self.assertLessEqual(applied, len(fresh) - 4, "at least four files guard every sync")

            office.run("sync")
            self.assertEqual(office.rows(), rows_of(NEW, "3304"))

    def test_after_a_refusal_the_same_home_takes_the_next_good_publish(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "old.csv", "3304"))
            world.serve()
            office = world.office("jiaxing", "3304")
            office.run("sync")
            seen = set((world.realm / "repository" / "packs").rglob("*.packs"))
            world.publish(subset(NEW, world.folder / "new.csv", "3304"))
            for pack in set((world.realm / "repository" / "packs").rglob("*.packs")) - seen:
                flip(pack, RANDOM.randrange(pack.stat().st_size * 8))
            refused = office.run("sync", check=4)
            self.assertIn("villages/3304", refused.err)
            self.assertEqual(office.rows(), rows_of(OLD, "3304"))
            edited = subset(NEW, world.folder / "third.csv", "3304",
                            edit=lambda line: line.replace("村委会", "村民委员会"))
            world.publish(edited)
            office.run("sync")
            self.assertEqual(office.rows(), rows_of(edited, "3304"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
