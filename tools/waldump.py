#!/usr/bin/env python3
"""Reads and verifies a node's data directory, written from docs/wal-format.md and docs/snapshot-format.md alone.

    waldump.py DIR             verifies log and snapshots, prints a summary
    waldump.py --records DIR   prints every record, too

It shares no code with the server: what the server writes and this program reads agrees because the documents are right.
It changes nothing. The node should be stopped. Python 3.8 or newer, standard library only.
Exit code 0: whole (a torn tail is no damage). 1: corrupt, with file and offset. 2: no data directory.
"""
import hashlib
import os
import re
import struct
import sys

SEGMENT_HEADER = 128
RECORD_HEADER = 32
START, ENTRY, HARD_STATE, LOG_START, SEAL = 1, 2, 3, 4, 5
NAMES = {START: "group-start", ENTRY: "entry", HARD_STATE: "hard-state", LOG_START: "log-start", SEAL: "seal"}


class Corrupt(Exception):
    """Damage that no crash can have made."""

    def __init__(self, file, offset, what):
        super().__init__(f"{file}: offset {offset}: {what}")


def _table():
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = _table()


def crc(start, data):
    """CRC-32C; crc(crc(0, a), b) == crc(0, a + b)."""
    value = start ^ 0xFFFFFFFF
    table = TABLE
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ 0xFFFFFFFF


def up8(length):
    return (length + 7) & ~7


class SegmentHeader:
    def __init__(self, data):
        self.magic = data[0:8]
        (self.version, self.crc) = struct.unpack_from("<II", data, 8)
        (self.cluster, self.node, self.sequence, self.length, self.first_group) = struct.unpack_from("<QQQqQ", data, 16)
        (self.chain, self.zero) = struct.unpack_from("<II", data, 56)
        self.hard_state = struct.unpack_from("<qQq", data, 64) + struct.unpack_from("<qQ", data, 104)
        self.last_entry = struct.unpack_from("<qq", data, 88)
        self.is_valid = self.magic == b"RaftKvWL" and crc(crc(0, data[0:12]), data[16:SEGMENT_HEADER]) == self.crc


class Record:
    def __init__(self, data, at):
        self.at = at
        (self.crc, self.length, self.kind, self.last, self.zero, self.chain, self.sequence, self.place, self.group) = \
            struct.unpack_from("<IIBBHIIIQ", data, at)
        self.end = at + RECORD_HEADER + up8(self.length)


class Log:
    """The log as its segments tell it: state at the end, and what was found on the way."""

    def __init__(self, show):
        self.show = show
        self.chain = 0
        self.group = 0
        self.hard_state = (0, 0, 0, 0, 0)
        self.first_index = None
        self.last_entry = (0, 0)
        self.start = (0, 0)
        self.entries = {}
        self.entry_count = 0
        self.is_sealed = False
        self.end = None
        self.is_torn = False

    # One group at a time, and only as a whole.
    def apply(self, records, data, name):
        for record in records:
            body = data[record.at + RECORD_HEADER:record.at + RECORD_HEADER + record.length]
            if self.show:
                self.print(record, body)
            if record.kind == ENTRY:
                self.entry(record, body, name)
            elif record.kind == HARD_STATE:
                hard_state = struct.unpack("<qQqqQ", body)
                if hard_state[0] < self.hard_state[0]:
                    raise Corrupt(name, record.at, f"the term goes back from {self.hard_state[0]} to {hard_state[0]}")
                self.hard_state = hard_state
            elif record.kind == LOG_START:
                self.start = self.last_entry = struct.unpack("<qq", body)
                self.entries.clear()
            elif record.kind == SEAL:
                self.is_sealed = True
        self.group = records[0].group

    def entry(self, record, body, name):
        (term, index, kind) = struct.unpack_from("<qqB", body, 0)
        if index > self.last_entry[1] + 1 and self.entries:
            raise Corrupt(name, record.at, f"entry {index} follows {self.last_entry[1]}")
        for gone in range(index, self.last_entry[1] + 1):
            self.entries.pop(gone, None)
        if kind > 2:
            raise Corrupt(name, record.at, f"entry {index} is of the unknown kind {kind}")
        self.entries[index] = term
        self.last_entry = (term, index)
        self.entry_count += 1

    def print(self, record, body):
        text = ""
        if record.kind == ENTRY:
            (term, index, kind) = struct.unpack_from("<qqB", body, 0)
            text = f"index {index} term {term} {('no-op', 'command', 'membership')[kind]} {len(body) - 24} bytes"
        elif record.kind == HARD_STATE:
            text = "term %d voted for %016x commit %d, heard leader of term %d %016x" % struct.unpack("<qQqqQ", body)
        elif record.kind == LOG_START:
            text = "after term %d index %d" % struct.unpack("<qq", body)
        print(f"  {record.at:10d} group {record.group} {NAMES[record.kind]} {text}")


def read_record(data, at, seed, name_sequence):
    """The record at this place; None when what stands there is none of this life of the file."""
    if at + RECORD_HEADER > len(data):
        return None
    record = Record(data, at)
    if record.sequence != name_sequence & 0xFFFFFFFF or record.place != at // 8 or record.zero != 0:
        return None
    if crc(seed, data[at + 4:at + RECORD_HEADER]) != record.crc or record.end > len(data):
        return None
    return record


def highest_group(data, at, seed, sequence):
    """The highest group number in any header from here on: the proof of how far the writer had come."""
    highest = 0
    want = struct.pack("<I", sequence & 0xFFFFFFFF)
    while True:
        found = data.find(want, at + 16)
        if found < 0:
            return highest
        at = found - 16
        if at % 8 == 0:
            record = read_record(data, at, seed, sequence)
            if record is not None:
                highest = max(highest, record.group)
        at += 1


def read_segment(path, log, is_first, is_last, ids):
    """Applies one segment. Gives False when the file counts as not begun."""
    name = os.path.basename(path)
    sequence = int(name[4:20])
    with open(path, "rb") as file:
        data = file.read()
    header = SegmentHeader(data) if len(data) >= SEGMENT_HEADER else None
    seed = crc(0, struct.pack("<QQQ", *ids, sequence)) if ids else None
    if header is None or not header.is_valid or header.sequence != sequence:
        if not is_last or is_first:
            raise Corrupt(name, 0, "the header is damaged")
        found = highest_group(data, SEGMENT_HEADER - 8, seed, sequence)
        if found > (log.group + 1 if log.is_sealed else 0):
            raise Corrupt(name, 0, f"the header is damaged, and a record of group {found} stands behind it")
        return False
    if header.version != 1:
        raise Corrupt(name, 8, f"version {header.version} is unknown")
    if header.length != len(data):
        raise Corrupt(name, 40, f"the file has {len(data)} bytes, its header says {header.length}")
    if ids and (header.cluster, header.node) != ids:
        raise Corrupt(name, 16, "it belongs to another cluster or node")
    if is_first:
        log.chain, log.group = header.chain, header.first_group - 1
        log.hard_state, log.last_entry = header.hard_state, header.last_entry
        log.start = header.last_entry
    else:
        if not log.is_sealed:
            raise Corrupt(name, 0, "the segment before it is not sealed")
        told = (header.chain, header.first_group, header.hard_state, header.last_entry)
        if told != (log.chain, log.group + 1, log.hard_state, log.last_entry):
            raise Corrupt(name, 48, f"it does not continue the segment before it: {told}")
    log.is_sealed = False
    seed = crc(0, struct.pack("<QQQ", header.cluster, header.node, sequence))
    log.chain = crc(log.chain, data[0:SEGMENT_HEADER])
    if log.show:
        print(f"{name}: groups from {header.first_group}")
    read_groups(data, name, log, seed, sequence)
    return True


def read_groups(data, name, log, seed, sequence):
    at, chain, records = SEGMENT_HEADER, log.chain, []
    while not log.is_sealed:
        record = read_record(data, at, seed, sequence)
        if record is not None:
            whole = crc(crc(crc(chain, data[at + 4:at + 12]), data[at + 16:at + RECORD_HEADER]), data[at + RECORD_HEADER:record.end])
            is_next = record.group == log.group + 1 and (record.kind == START) == (not records) and record.kind in NAMES
            if whole != record.chain or not is_next:
                record = None
        if record is None:
            found = highest_group(data, at, seed, sequence)
            if found >= log.group + 2:
                raise Corrupt(name, at, f"no valid record of group {log.group + 1}, and group {found} was begun behind it")
            # A group start alone is the mark that the group before it was synced.
            log.end = (name, at)
            log.is_torn = len(records) > 1 or (not records and found > log.group)
            return
        records.append(record)
        chain, at = record.chain, record.end
        if record.last:
            log.apply(records, data, name)
            log.chain, records = chain, []


def read_log(directory, show):
    names = sorted(name for name in os.listdir(directory) if re.fullmatch(r"wal-\d{16}\.log", name))
    # Files before a gap were deleted, and came back with a crash.
    numbers = [int(name[4:20]) for name in names]
    first = max([i for i in range(len(numbers)) if i == 0 or numbers[i] != numbers[i - 1] + 1], default=0)
    names = names[first:]
    log, ids = Log(show), None
    for i, name in enumerate(names):
        path = os.path.join(directory, name)
        if read_segment(path, log, i == 0, i == len(names) - 1, ids) and ids is None:
            with open(path, "rb") as file:
                header = SegmentHeader(file.read(SEGMENT_HEADER))
            ids = (header.cluster, header.node)
    if log.is_sealed and names:
        last = os.path.join(directory, names[-1])
        with open(last, "rb") as file:
            if SegmentHeader(file.read(SEGMENT_HEADER)).is_valid:
                raise Corrupt(names[-1], 0, "it is sealed, and the next segment is missing")
    return log, names, ids


def read_snapshot(path):
    """Verifies the frame of a snapshot to its last byte. Gives its last entry (term, index), members and block count."""
    name = os.path.basename(path)
    with open(path, "rb") as file:
        data = file.read()
    if data[0:8] != b"RaftKvSS":
        raise Corrupt(name, 0, "no snapshot")
    (version, length) = struct.unpack_from("<II", data, 8)
    (cluster, term, index) = struct.unpack_from("<Qqq", data, 16 + 0)
    counts = struct.unpack_from("<III", data, 40)
    ids_end = 56 + 8 * sum(counts)
    if ids_end + 8 > min(length, len(data)) or length != ids_end + 8 + struct.unpack_from("<I", data, ids_end)[0] or length > len(data):
        raise Corrupt(name, 12, "the header's length is wrong")
    if crc(0, data[0:length - 4]) != struct.unpack_from("<I", data, length - 4)[0]:
        raise Corrupt(name, length - 4, "the header's CRC is wrong")
    (expected_index, expected_term) = (int(part) for part in re.fullmatch(r"snapshot-(\d{16})-(\d{16})\.snap", name).groups())
    if (term, index) != (expected_term, expected_index):
        raise Corrupt(name, 24, f"it says that it ends at {index} of term {term}")
    chain, at, blocks = crc(0, data[0:length]), length, 0
    while True:
        if at + 8 > len(data):
            raise Corrupt(name, at, "the file ends in the middle of a block")
        (size, said) = struct.unpack_from("<II", data, at)
        if size == 0:
            break
        if at + 8 + size > len(data) or crc(crc(chain, data[at:at + 4]), data[at + 8:at + 8 + size]) != said:
            raise Corrupt(name, at, f"block {blocks} is damaged")
        chain, at, blocks = said, at + 8 + size, blocks + 1
    if len(data) != at + 64 or data[at + 8:at + 16] != b"RaftKvSE":
        raise Corrupt(name, at, "the footer is damaged")
    if struct.unpack_from("<qq", data, at + 16) != (len(data), blocks):
        raise Corrupt(name, at + 16, "the footer's counts are wrong")
    if hashlib.sha256(data[:-32]).digest() != data[-32:]:
        raise Corrupt(name, len(data) - 32, "the SHA-256 is wrong")
    return (term, index), version, counts, blocks


def check(directory, show):
    raft = os.path.join(directory, "raft")
    if not os.path.isdir(raft):
        print(f"{directory}: no data directory of RaftKv", file=sys.stderr)
        return 2
    newest = None
    for name in sorted(os.listdir(raft)):
        if re.fullmatch(r"snapshot-\d{16}-\d{16}\.snap", name):
            (entry, version, counts, blocks) = read_snapshot(os.path.join(raft, name))
            print(f"{name}: whole, version {version}, {blocks} blocks, {counts[0]} voters, ends at index {entry[1]} of term {entry[0]}")
            newest = max(newest or entry, entry, key=lambda e: e[1])
    (log, names, ids) = read_log(raft, show)
    if not names:
        print("no log")
        return 0
    first = min(log.entries, default=None)
    snapshot_index = newest[1] if newest else 0
    if first is not None and first > snapshot_index + 1:
        raise Corrupt(names[0], 0, f"the log begins at {first}, and the newest snapshot ends at {snapshot_index}")
    where = f"{log.end[0]} at {log.end[1]}" if log.end else "not begun"
    tail = "a torn group is cut there" if log.is_torn else "nothing is torn"
    print(f"log: {len(names)} segments, cluster {ids[0]:016x}, node {ids[1]:016x}, {log.entry_count} entries read, "
          f"{len(log.entries)} held, last index {log.last_entry[1]} of term {log.last_entry[0]}")
    print("hard state: term %d, voted for %016x, commit %d, heard leader of term %d %016x" % log.hard_state)
    print(f"groups up to {log.group}; the end is {where}, {tail}")
    print("whole")
    return 0


def main(arguments):
    show = "--records" in arguments
    rest = [argument for argument in arguments if argument != "--records"]
    if len(rest) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return check(rest[0], show)
    except Corrupt as damage:
        print(f"CORRUPT: {damage}")
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
