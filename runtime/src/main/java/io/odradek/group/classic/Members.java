package io.odradek.group.classic;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.JoinGroupResponseData;

/**
 * The members of a group, by id and by group instance id; how many of them know each protocol, and how many wait for the
 * others to join.
 */
final class Members {
    private final Map<String, ClassicMember> byId = new LinkedHashMap<>();
    private final Map<String, String> idByInstance = new HashMap<>();
    private final Map<String, Integer> timesSupported = new HashMap<>();
    private int waitingForJoin;

    int size() {
        return byId.size();
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    boolean contains(String memberId) {
        return byId.containsKey(memberId);
    }

    Optional<ClassicMember> get(String memberId) {
        return Optional.ofNullable(byId.get(memberId));
    }

    /** A copy, so that members may be removed meanwhile. */
    List<ClassicMember> copy() {
        return List.copyOf(byId.values());
    }

    Collection<ClassicMember> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** The id of the static member with this instance id. */
    Optional<String> idOfInstance(String groupInstanceId) {
        return Optional.ofNullable(idByInstance.get(groupInstanceId));
    }

    void add(ClassicMember member) {
        member.groupInstanceId().ifPresent(instance -> {
            if (idByInstance.putIfAbsent(instance, member.memberId()) != null) {
                throw new IllegalStateException("There is a member with group instance id " + instance + " already");
            }
        });
        byId.put(member.memberId(), member);
        count(member, 1);
    }

    Optional<ClassicMember> remove(String memberId) {
        var removed = Optional.ofNullable(byId.remove(memberId));
        removed.ifPresent(member -> {
            count(member, -1);
            if (member.isWaitingForJoin()) {
                waitingForJoin--;
            }
            member.groupInstanceId().ifPresent(idByInstance::remove);
        });
        return removed;
    }

    void update(ClassicMember member, ClassicMember.Terms terms) {
        count(member, -1);
        member.terms(terms);
        count(member, 1);
    }

    private void count(ClassicMember member, int change) {
        for (var name : member.protocols().names()) {
            timesSupported.merge(name, change, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    /** @return the stage of an earlier JoinGroup of the member that nobody will complete any more */
    Optional<CompletableFuture<JoinGroupResponseData>> waitForJoin(
            ClassicMember member, CompletableFuture<JoinGroupResponseData> stage) {
        var earlier = member.replaceWaitingJoin(Optional.of(stage));
        if (earlier.isEmpty()) {
            waitingForJoin++;
        }
        return earlier;
    }

    /** The stage of the member's JoinGroup, which does not wait any more. */
    Optional<CompletableFuture<JoinGroupResponseData>> takeWaitingJoin(ClassicMember member) {
        var waiting = member.replaceWaitingJoin(Optional.empty());
        if (waiting.isPresent()) {
            waitingForJoin--;
        }
        return waiting;
    }

    int waitingForJoin() {
        return waitingForJoin;
    }

    boolean allWaitForJoin() {
        return waitingForJoin == byId.size();
    }

    /** The longest that a member asked for. */
    int rebalanceTimeoutMs() {
        return byId.values().stream()
                .mapToInt(ClassicMember::rebalanceTimeoutMs)
                .max()
                .orElse(0);
    }

    /** Whether all members know one of these protocols. */
    boolean allSupportOneOf(Set<String> protocols) {
        return protocols.stream().anyMatch(name -> timesSupported.getOrDefault(name, 0) == byId.size());
    }

    /**
     * The protocol that most members like best of those that all know. There is one, since nobody may join who does not
     * know one that all know.
     */
    String selectProtocol() {
        var candidates = timesSupported.entrySet().stream()
                .filter(protocol -> protocol.getValue() == byId.size())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        // A hash map, because with equal votes Kafka takes what comes first in one: both choose the same.
        var votes = new HashMap<String, Integer>();
        byId.values().forEach(member -> votes.merge(member.protocols().vote(candidates), 1, Integer::sum));
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow(() -> new IllegalStateException("A group without members has no protocol"));
    }
}
