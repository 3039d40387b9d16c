package io.odradek.raft;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jgroups.Address;
import org.jgroups.protocols.raft.Log;
import org.jgroups.protocols.raft.LogEntry;
import org.jgroups.raft.util.Utils;

/** What Raft promises, checked against everything that all nodes of a schedule do. Node ids are Raft's; a restarted node keeps it. */
final class RaftInvariants {
    enum Kind {
        ONE_LEADER_PER_TERM,
        LOG_MATCHING,
        LEADER_COMPLETENESS,
        STATE_MACHINE_SAFETY,
        TERM_FORGOTTEN,
        VOTED_TWICE,
        PROMISED_BEFORE_DURABLE,
        NODE_FAILED,
        NO_PROGRESS
    }

    static final class Violation extends AssertionError {
        private static final long serialVersionUID = 1L;
        final transient Kind kind;

        Violation(Kind kind, String message) {
            super(kind + ": " + message);
            this.kind = kind;
        }
    }

    private record At(long index, long term) {}

    private record Seen(long previousTerm, int content) {}

    private record Committed(long term, int content, long inTerm) {}

    private final Map<Long, Address> leaders = new HashMap<>();
    private final Map<At, Seen> entries = new HashMap<>();
    private final List<Committed> committed = new ArrayList<>();
    private final List<Long> commands = new ArrayList<>();
    private final Map<String, Long> terms = new HashMap<>();
    private final Map<String, String> votes = new HashMap<>();
    private Violation first;
    private int installed;

    private static int content(LogEntry entry) {
        var bytes = entry.command();
        int hash = Arrays.hashCode(Arrays.copyOfRange(bytes, entry.offset(), entry.offset() + entry.length()));
        return entry.internal() ? ~hash : hash;
    }

    /** Kept as well, for the code under test may swallow what is thrown. */
    void violated(Kind kind, String format, Object... arguments) {
        var violation = new Violation(kind, format.formatted(arguments));
        if (first == null) {
            first = violation;
        }
        throw violation;
    }

    void check() {
        if (first != null) {
            throw first;
        }
    }

    int commandsApplied() {
        return commands.size();
    }

    long committedIndex() {
        return committed.size();
    }

    void appended(String node, long index, LogEntry entry, long previousTerm) {
        if (entry.command() == null) {
            violated(Kind.LOG_MATCHING, "%s appended an entry without content at %d", node, index);
        }
        var now = new Seen(previousTerm, content(entry));
        var before = entries.putIfAbsent(new At(index, entry.term()), now);
        if (before != null && !before.equals(now)) {
            violated(Kind.LOG_MATCHING, "%s has another entry of term %d at %d", node, entry.term(), index);
        }
    }

    void committed(String node, long index, LogEntry entry, long term) {
        if (entry == null) {
            violated(Kind.STATE_MACHINE_SAFETY, "%s committed entry %d, which it does not have", node, index);
            return;
        }
        if (index <= committed.size()) {
            var before = committed.get((int) index - 1);
            boolean same = before.term == entry.term() && (entry.command() == null || before.content == content(entry));
            if (!same) {
                violated(
                        Kind.STATE_MACHINE_SAFETY,
                        "%s committed an entry of term %d at %d, another committed one of term %d",
                        node,
                        entry.term(),
                        index,
                        before.term);
            }
        } else if (index == committed.size() + 1) {
            committed.add(new Committed(entry.term(), content(entry), term));
        } else {
            violated(Kind.STATE_MACHINE_SAFETY, "%s committed %d before %d", node, index, committed.size() + 1);
        }
    }

    /** A node has replaced its log by a snapshot. */
    void installed(String node, long index, long term) {
        if (index > committed.size() || committed.get((int) index - 1).term != term) {
            violated(Kind.STATE_MACHINE_SAFETY, "%s installed a snapshot of %d, which is not committed", node, index);
        }
        installed++;
    }

    /** How many snapshots took the place of a log. */
    int snapshotsInstalled() {
        return installed;
    }

    void wentBack(String node, long from, long to) {
        violated(Kind.STATE_MACHINE_SAFETY, "%s went back from commit index %d to %d", node, from, to);
    }

    /** @param number how many commands the node's state has now */
    void applied(String node, long number, long command) {
        if (number <= commands.size()) {
            long before = commands.get((int) number - 1);
            if (before != command) {
                violated(
                        Kind.STATE_MACHINE_SAFETY,
                        "%s applied command %d as number %d, another applied %d",
                        node,
                        command,
                        number,
                        before);
            }
        } else if (number == commands.size() + 1) {
            commands.add(command);
        } else {
            violated(Kind.STATE_MACHINE_SAFETY, "%s has %d commands of %d", node, number, commands.size());
        }
    }

    void term(String node, long term) {
        long before = terms.getOrDefault(node, 0L);
        if (term < before) {
            violated(Kind.TERM_FORGOTTEN, "%s is in term %d and was in term %d", node, term, before);
        }
        terms.put(node, term);
    }

    void said(String node, long term, long durableTerm) {
        if (term > durableTerm) {
            violated(Kind.PROMISED_BEFORE_DURABLE, "%s said term %d, its log has %d", node, term, durableTerm);
        }
    }

    void voted(String node, long term, String candidate) {
        var before = votes.putIfAbsent(node + "@" + term, candidate);
        if (before != null && !before.equals(candidate)) {
            violated(Kind.VOTED_TWICE, "%s voted for %s and %s in term %d", node, before, candidate, term);
        }
    }

    /** What it promised it does not know any more. */
    void diskLost(String node) {
        terms.remove(node);
        votes.keySet().removeIf(each -> each.startsWith(node + "@"));
    }

    /** A node says that it leads. */
    void leads(String node, Address address, long term, Log log) {
        var before = leaders.putIfAbsent(term, address);
        if (before != null) {
            if (!before.equals(address)) {
                violated(
                        Kind.ONE_LEADER_PER_TERM, "%s and %s lead in term %d", node, Utils.extractRaftId(before), term);
            }
            return;
        }
        for (long index = Math.max(1, log.firstAppended()); index <= committed.size(); index++) {
            var wanted = committed.get((int) index - 1);
            if (wanted.inTerm < term) {
                var entry = log.get(index);
                if (entry == null || entry.term() != wanted.term) {
                    violated(
                            Kind.LEADER_COMPLETENESS,
                            "%s leads in term %d without entry %d, which was committed in term %d",
                            node,
                            term,
                            index,
                            wanted.inTerm);
                }
            }
        }
    }
}
