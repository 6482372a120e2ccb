"""The stories of examples/ with the real programs."""
import subprocess
import unittest

from world import PROGRAMS, SOURCE, environment


class Examples(unittest.TestCase):
    def tell(self, name):
        done = subprocess.run([SOURCE / "examples" / name / "story.sh"], capture_output=True, text=True, timeout=200,
                              env=environment({"ROOTLET_BIN": str(PROGRAMS)}))
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])

    def test_subsidies(self):
        self.tell("subsidies")

    def test_newborns(self):
        self.tell("newborns")

    def test_county(self):
        self.tell("county")


if __name__ == "__main__":
    unittest.main(verbosity=2)
