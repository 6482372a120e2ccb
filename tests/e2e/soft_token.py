"""A PKCS#11 token of SoftHSM in a folder of its own. scripts/deps.sh installs SoftHSM."""
import subprocess

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "123456"


class SoftToken:
    def __init__(self, folder, label="realm"):
        self.folder, self.label = folder, label
        (folder / "tokens").mkdir(parents=True)
        self.config = folder / "softhsm2.conf"
        self.pin = folder / "pin.txt"
        self.config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n"
                               "log.level = ERROR\n")
        self.pin.write_text(PIN + "\n")
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN,
                        "--so-pin", "87654321"], check=True, capture_output=True,
                       env={"SOFTHSM2_CONF": str(self.config), "PATH": "/usr/bin:/bin"})

    def plugged(self, pin=None):
        """The environment of programs that find the token and a file with its PIN."""
        return {"SOFTHSM2_CONF": str(self.config), "ROOTLET_REALM_PIN_FILE": str(pin or self.pin)}
