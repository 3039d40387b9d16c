package io.odradek.group.classic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardDriver;
import io.odradek.group.ClassicCaller;
import io.odradek.group.message.GroupMetadataValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** One group in a shard under test, and what its members send. */
final class TestGroup {
    static final String ID = "group";
    static final int INITIAL_DELAY_MS = 3000;
    static final int SESSION_MS = 10_000;
    static final int REBALANCE_MS = 60_000;

    /** The latest version, of all the APIs alike: what the state machine does depends on few of them. */
    static final short LATEST = 9;

    private final Map<String, String> settings;
    final ShardDriver<ClassicShard> driver;

    TestGroup() {
        this(Map.of());
    }

    TestGroup(Map<String, String> settings) {
        this.settings = new HashMap<>(settings);
        driver = new ShardDriver<>(ClassicShard.TYPES, context -> new ClassicShard(context, this.settings));
    }

    /** Of the broker, from the next restart on. */
    void setting(String name, String value) {
        settings.put(name, value);
    }

    ClassicGroups groups() {
        return driver.shard().classic;
    }

    Optional<ClassicGroup> found() {
        return driver.shard().groups.get(ID, ClassicGroup.class);
    }

    ClassicGroup group() {
        return found().orElseThrow();
    }

    GroupState state() {
        return group().state();
    }

    int generation() {
        return group().generationId();
    }

    private <T> T write(Function<ClassicGroups, Decision<T>> operation) {
        return driver.write(shard -> operation.apply(shard.classic));
    }

    CompletionStage<JoinGroupResponseData> join(JoinGroupRequestData request, int version) {
        return write(groups -> groups.join(caller(version), request));
    }

    CompletionStage<JoinGroupResponseData> join(JoinGroupRequestData request) {
        return join(request, LATEST);
    }

    CompletionStage<SyncGroupResponseData> sync(SyncGroupRequestData request) {
        return write(groups -> groups.sync(caller(LATEST), request));
    }

    /** A SyncGroup whose record is written, and not committed yet. */
    Decision<CompletionStage<SyncGroupResponseData>> appended(SyncGroupRequestData request) {
        var decision = groups().sync(caller(LATEST), request);
        decision.records().forEach(driver.shard()::replay);
        return decision;
    }

    Errors heartbeat(String memberId, int generation) {
        return heartbeat(
                new HeartbeatRequestData().setGroupId(ID).setMemberId(memberId).setGenerationId(generation));
    }

    Errors heartbeat(HeartbeatRequestData request) {
        return Errors.forCode(
                write(groups -> groups.heartbeat(caller(LATEST), request)).errorCode());
    }

    LeaveGroupResponseData leave(MemberIdentity... identities) {
        return write(groups -> groups.leave(
                caller(LATEST), new LeaveGroupRequestData().setGroupId(ID).setMembers(List.of(identities))));
    }

    Errors leave(String memberId) {
        return Errors.forCode(leave(new MemberIdentity().setMemberId(memberId))
                .members()
                .get(0)
                .errorCode());
    }

    private static ClassicCaller caller(int version) {
        return new ClassicCaller("client", "/127.0.0.1", (short) version);
    }

    void advance(long ms) {
        driver.advance(ms);
    }

    /** The values that were written since the last call, of this group. */
    List<GroupMetadataValue> written() {
        return driver.takeWritten().stream()
                .map(CoordinatorRecord::value)
                .map(value -> (GroupMetadataValue) value.orElseThrow())
                .toList();
    }

    TestMember member() {
        return new TestMember(this);
    }

    /** A group of new dynamic members, stable, the first of which leads. */
    List<TestMember> stable(int count) {
        var made = new ArrayList<TestMember>();
        for (int i = 0; i < count; i++) {
            made.add(member());
        }
        settle(made);
        return made;
    }

    /** Lets the members do what they do until all are in one stable generation. */
    void settle(List<TestMember> some) {
        for (int round = 0; round < 200; round++) {
            some.forEach(TestMember::act);
            if (some.stream().allMatch(TestMember::isStable) && state() == GroupState.STABLE) {
                some.forEach(TestMember::heartbeat);
                driver.takeWritten();
                return;
            }
            advance(500);
        }
        assertTrue(false, "no stable generation after a hundred seconds: " + state() + " " + some);
    }
}
