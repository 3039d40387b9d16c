package io.odradek.replication;

import io.odradek.log.MemoryLog;
import io.odradek.log.ReplicaLog;
import io.odradek.metadata.PartitionImage;
import java.util.Optional;

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
    ELECT_OUTSIDE_ISR;

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
}
