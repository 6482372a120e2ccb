#!/usr/bin/env bash
# Installs the agent's package into a fresh Debian root and runs it there: --version, check-config, doctor, and a
# clean removal. Needs root and a Debian mirror; exits with 77 (skipped) without root or debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || { echo "needs root and debootstrap"; exit 77; }

build=${ROOTLET_BIN:-build/release}
work=$(mktemp -d "${TMPDIR:-/tmp}/rootlet-root-XXXXXX")
trap 'umount -q "$work/root/proc" 2>/dev/null || true; rm -rf "$work"' EXIT
(cd "$build" && cpack -B "$work/packages" >/dev/null)
find "$work/packages" -maxdepth 1 -name '*.deb' -exec dpkg-deb --info {} \; | grep -E '^ (Package|Version|Depends|Installed-Size)'

# The mirror that this machine uses.
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' | awk '$2 == "bookworm" {print $1; exit}')
debootstrap --variant=minbase --include=ca-certificates,adduser bookworm "$work/root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
  { tail -n 20 "$work/debootstrap.log"; exit 1; }
cp /etc/apt/apt.conf.d/* "$work/root/etc/apt/apt.conf.d/" 2>/dev/null || true
rm -f "$work/root/etc/apt/sources.list"; cp -r /etc/apt/sources.list* "$work/root/etc/apt/" 2>/dev/null || true
[ -e /etc/resolv.conf ] && cp -L /etc/resolv.conf "$work/root/etc/resolv.conf"
mkdir -p "$work/root/proc" && mount -t proc proc "$work/root/proc" 2>/dev/null || true
cp "$work"/packages/*.deb "$work/root/tmp/"

inside() { chroot "$work/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG="${1}" "${@:2}"; }
inside C apt-get update -qq 2>/dev/null
inside C sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends /tmp/rootlet_*.deb >/tmp/apt.log 2>&1 || { cat /tmp/apt.log; exit 1; }'

echo "--- rootlet --version";     inside C rootlet --version
echo "--- rootlet check-config";  inside C rootlet check-config
echo "--- rootlet doctor";        inside C rootlet doctor || [ $? = 7 ]
echo "--- rootlet doctor (zh)";   inside zh_CN.UTF-8 rootlet doctor || [ $? = 7 ]
[ "$(stat -c '%U %a' "$work/root/var/lib/rootlet" 2>/dev/null)" ] || { echo "no state folder"; exit 1; }
inside C systemd-analyze verify /usr/lib/systemd/system/rootlet.service 2>/dev/null || true
inside C sh -c 'apt-get purge -y -qq rootlet >/dev/null 2>&1'
for left in usr/bin/rootlet etc/rootlet/rootlet.conf var/lib/rootlet usr/lib/systemd/system/rootlet.service; do
  [ ! -e "$work/root/$left" ] || { echo "left behind: /$left"; exit 1; }
done
echo "The package installs, runs and leaves nothing behind."
