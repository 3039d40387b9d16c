package io.odradek.checker;

import io.odradek.checker.Event.Acknowledge;
import io.odradek.checker.Event.Activity;
import io.odradek.checker.Event.Assign;
import io.odradek.checker.Event.Commit;
import io.odradek.checker.Event.Complete;
import io.odradek.checker.Event.End;
import io.odradek.checker.Event.Invoke;
import io.odradek.checker.Event.Offsets;
import io.odradek.checker.Event.Open;
import io.odradek.checker.Event.Outcome;
import io.odradek.checker.Event.Poll;
import io.odradek.checker.Event.Read;
import io.odradek.checker.Event.Revoke;
import io.odradek.checker.Event.Seek;
import io.odradek.checker.Event.Send;
import io.odradek.checker.Event.What;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** An event as a line of text: what a child process prints, and what a history looks like in a file. */
final class EventLine {
    private EventLine() {}

    static String write(Event event) {
        return event.process() + " " + event.atNs() + " " + write(event.what());
    }

    private static String write(What what) {
        if (what instanceof Open) {
            return "open";
        } else if (what instanceof Invoke i) {
            return "invoke " + i.activity();
        } else if (what instanceof Send s) {
            return "send " + s.log() + " " + s.value();
        } else if (what instanceof Acknowledge a) {
            return "acknowledge " + a.log() + " " + a.value() + " " + a.offset();
        } else if (what instanceof Poll p) {
            var reads =
                    p.reads().stream().map(r -> r.offset() + ":" + r.value()).collect(Collectors.joining(","));
            return "poll " + p.log() + " " + reads;
        } else if (what instanceof Assign a) {
            return "assign " + a.group() + " " + a.sinceNs() + " " + positions(a.positions());
        } else if (what instanceof Seek s) {
            return "seek " + positions(s.positions());
        } else if (what instanceof Revoke r) {
            return "revoke " + r.logs().stream().map(TopicPartition::toString).collect(Collectors.joining(","));
        } else if (what instanceof Offsets o) {
            return "offsets " + o.group() + " " + positions(o.positions());
        } else if (what instanceof Commit) {
            return "commit";
        } else if (what instanceof Complete c) {
            return "complete " + c.outcome();
        }
        var end = (End) what;
        return "end " + end.log() + " " + end.lastStableOffset() + " " + end.highWatermark();
    }

    /** @throws IllegalArgumentException if the line is no whole event, for instance the last one of a killed process */
    static Event read(String line) {
        try {
            var words = line.split(" ", -1);
            return new Event(words[0], Long.parseLong(words[1]), read(words));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("no event: " + line, e);
        }
    }

    private static What read(String[] words) {
        return switch (words[2]) {
            case "open" -> new Open();
            case "invoke" -> new Invoke(Activity.valueOf(words[3]));
            case "send" -> new Send(log(words[3]), Long.parseLong(words[4]));
            case "acknowledge" -> new Acknowledge(log(words[3]), Long.parseLong(words[4]), Long.parseLong(words[5]));
            case "poll" ->
                new Poll(
                        log(words[3]),
                        Arrays.stream(words[4].split(",")).map(EventLine::pair).toList());
            case "assign" -> new Assign(words[3], Long.parseLong(words[4]), positions(words[5]));
            case "seek" -> new Seek(positions(words[3]));
            case "revoke" ->
                new Revoke(Arrays.stream(words[3].split(","))
                        .filter(w -> !w.isEmpty())
                        .map(EventLine::log)
                        .collect(Collectors.toSet()));
            case "offsets" -> new Offsets(words[3], positions(words[4]));
            case "commit" -> new Commit();
            case "complete" -> new Complete(Outcome.valueOf(words[3]));
            case "end" -> new End(log(words[3]), Long.parseLong(words[4]), Long.parseLong(words[5]));
            default -> throw new IllegalArgumentException("no event: " + words[2]);
        };
    }

    private static Read pair(String text) {
        var colon = text.indexOf(':');
        return new Read(Long.parseLong(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
    }

    private static TopicPartition log(String text) {
        var dash = text.lastIndexOf('-');
        return new TopicPartition(text.substring(0, dash), Integer.parseInt(text.substring(dash + 1)));
    }

    private static String positions(Map<TopicPartition, Long> positions) {
        var sorted = new TreeMap<String, Long>();
        positions.forEach((log, position) -> sorted.put(log.toString(), position));
        return sorted.entrySet().stream()
                .map(e -> e.getKey() + ":" + e.getValue())
                .collect(Collectors.joining(","));
    }

    private static Map<TopicPartition, Long> positions(String text) {
        return Arrays.stream(text.split(","))
                .filter(w -> !w.isEmpty())
                .collect(Collectors.toMap(
                        w -> log(w.substring(0, w.lastIndexOf(':'))),
                        w -> Long.parseLong(w.substring(w.lastIndexOf(':') + 1))));
    }
}
