"""The same repository served by nginx, unchanged; and read from a folder, as on a USB stick."""
import unittest

from world import *

CONFIG = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err; user root;
events {{ worker_connections 64; }}
http {{
  access_log off; default_type application/octet-stream;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Mirrors(unittest.TestCase):
    def test_nginx_and_a_folder_serve_as_well_as_the_gateway(self):
        with World() as world:
            world.make_realm()
            world.publish(subset(OLD, world.folder / "old.csv", "3304"))
            world.serve()
            offices = [world.office("one", "3304"), world.office("two", "3304")]
            world.stop_gateway()
            port = free_port()
            config = world.folder / "nginx.conf"
            config.write_text(CONFIG.format(folder=world.folder, port=port,
                                            root=world.realm / "repository"))
            world.start(shutil.which("nginx") or "/usr/sbin/nginx", "-c", config, log="nginx.log")
            wait_until(lambda: listens(port), 10, "nginx listens")
            sources = [f"http://127.0.0.1:{port}", world.realm / "repository"]
            for office, source in zip(offices, sources):
                office.run("sync", "--from", source)
                self.assertEqual(office.rows(), rows_of(OLD, "3304"))
            world.publish(subset(NEW, world.folder / "new.csv", "3304"))
            for office, source in zip(offices, sources):
                office.run("sync", "--from", source)
                self.assertEqual(office.rows(), rows_of(NEW, "3304"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
