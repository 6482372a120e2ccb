"""A relay between office and gateway that counts every byte of every request, both ways, and can hold
each piece back as a long link does."""
import contextlib
import re
import socket
import threading
import time


class Request:
    def __init__(self, method, path):
        self.method, self.path = method, path
        self.up = self.down = 0
        self.head = b""  # of the answer, as far as it has arrived

    def body(self):
        """Bytes of the answer's body, as its head says."""
        found = re.search(rb"\r\nContent-Length: (\d+)\r\n", self.head)
        return int(found.group(1)) if found else 0


class Relay:
    """`delay_s` is the time of one way. Requests of one connection are answered in order."""

    def __init__(self, port, delay_s=0):
        self.port, self.delay_s = port, delay_s
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests = []
        self.connections = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            office, _ = self.listener.accept()
            self.connections += 1
            gateway = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self.send_up, args=(office, gateway), daemon=True).start()
            threading.Thread(target=self.send_down, args=(gateway, office), daemon=True).start()

    def send_up(self, office, gateway):
        while piece := office.recv(65536):
            words = piece.split(b" ", 2)
            if words[0] in (b"GET", b"HEAD", b"POST"):
                self.requests.append(Request(words[0].decode(), words[1].decode()))
            self.requests[-1].up += len(piece)
            time.sleep(self.delay_s)
            gateway.sendall(piece)
        with contextlib.suppress(OSError):  # send_down() may have closed it
            gateway.shutdown(socket.SHUT_RDWR)

    def send_down(self, gateway, office):
        try:
            while piece := gateway.recv(65536):
                request = self.requests[-1]
                request.down += len(piece)
                if b"\r\n\r\n" not in request.head:
                    request.head += piece
                time.sleep(self.delay_s)
                office.sendall(piece)
        except OSError:
            pass
        finally:
            office.close()
            gateway.close()

    def take(self):
        """The requests since the last call."""
        taken, self.requests = self.requests, []
        return taken


def bytes_of(requests):
    return sum(one.up + one.down for one in requests)


def pack_bytes(requests):
    """What the packs of data themselves took, without the requests for them."""
    return sum(one.body() for one in requests if one.path.startswith("/packs/"))


def print_requests(requests):
    for one in requests:
        print(f"    {one.up:5} up {one.down:7} down  {one.path[:70]}", flush=True)
