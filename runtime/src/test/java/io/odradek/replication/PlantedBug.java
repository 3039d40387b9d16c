package io.odradek.replication;

import io.odradek.log.MemoryLog;
import io.odradek.log.ReplicaLog;
import io.odradek.metadata.Command;
import io.odradek.metadata.PartitionImage;
import java.util.Optional;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FetchResponse;

/** What a simulation is run with: the state machines as they are, or with a mistake that others have made before. */
enum PlantedBug {
    NONE,
    /** As Kafka did before KIP-101. */
    TRUNCATE_TO_HIGH_WATERMARK {
        @Override
        FollowedPartition follower(ReplicaLog log, int leader, int leaderEpoch) {
            log.truncateTo(log.highWatermark());
            return new FollowedPartition(log, leader, leaderEpoch) {
                @Override
                synchronized Optional<FetchPosition> position() {
                    return super.position().map(p -> new FetchPosition(p.offset(), -1, p.logStartOffset()));
                }
            };
        }
    },
    /** The leader takes its own log for safe enough. */
    ACKNOWLEDGE_BEFORE_ISR {
        @Override
        LeaderReplica leader(MemoryLog log, PartitionImage state, LeaderContext context, OnDurable onDurable) {
            return new LeaderReplica(log, state, context) {
                @Override
                void activated() {
                    log.onDurable(offset -> onDurable.accept(this, offset));
                }

                @Override
                Acknowledgement acknowledgement(short acks, long lastOffset) {
                    return super.acknowledgement((short) 1, lastOffset);
                }
            };
        }
    },
    /** Anybody who is there may lead. */
    ELECT_OUTSIDE_ISR,
    /** As Kafka did before KIP-903: whoever has restarted meanwhile gets into the ISR for what it had before. */
    PROPOSE_ANY_BROKER_EPOCH {
        @Override
        long claimed(long brokerEpoch) {
            return Command.NO_EPOCH;
        }
    },
    /** A proposal that nobody answered is taken for refused (KIP-497). */
    REVERT_UNKNOWN_FATE {
        @Override
        Errors taken(Errors error) {
            return error == Errors.REQUEST_TIMED_OUT ? Errors.INELIGIBLE_REPLICA : error;
        }
    },
    /** What is below the leader's high watermark is taken for committed before the log is the leader's. */
    TRUST_DIVERGING_HIGH_WATERMARK {
        @Override
        FollowedPartition follower(ReplicaLog log, int leader, int leaderEpoch) {
            return new FollowedPartition(log, leader, leaderEpoch) {
                @Override
                synchronized FollowOutcome answered(long asked, PartitionData answer) {
                    var outcome = super.answered(asked, answer);
                    if (!isResigned() && FetchResponse.isDivergingEpoch(answer)) {
                        log.updateHighWatermark(
                                Math.max(log.highWatermark(), Math.min(answer.highWatermark(), log.logEndOffset())));
                    }
                    return outcome;
                }
            };
        }
    };

    @FunctionalInterface
    interface OnDurable {
        void accept(LeaderReplica leader, long durableEndOffset);
    }

    LeaderReplica leader(MemoryLog log, PartitionImage state, LeaderContext context, OnDurable onDurable) {
        return new LeaderReplica(log, state, context) {
            @Override
            void activated() {
                log.onDurable(offset -> onDurable.accept(this, offset));
            }
        };
    }

    FollowedPartition follower(ReplicaLog log, int leader, int leaderEpoch) {
        return new FollowedPartition(log, leader, leaderEpoch);
    }

    /** What a leader says of the incarnation of a member that it proposes. */
    long claimed(long brokerEpoch) {
        return brokerEpoch;
    }

    /** What a leader makes of the failure of a proposal. */
    Errors taken(Errors error) {
        return error;
    }
}
