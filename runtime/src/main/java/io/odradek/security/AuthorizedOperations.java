package io.odradek.security;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CLUSTER_ACTION;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.CREATE_TOKENS;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_TOKENS;
import static org.apache.kafka.common.acl.AclOperation.IDEMPOTENT_WRITE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.TWO_PHASE_COMMIT;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;

/** Which operations make sense on which type of resource, as the authorized operations of KIP-430 are reported. */
final class AuthorizedOperations {
    private AuthorizedOperations() {}

    static Set<AclOperation> of(ResourceType type) {
        return switch (type) {
            case TOPIC -> EnumSet.of(READ, WRITE, CREATE, DESCRIBE, DELETE, ALTER, DESCRIBE_CONFIGS, ALTER_CONFIGS);
            case GROUP -> EnumSet.of(READ, DESCRIBE, DELETE, DESCRIBE_CONFIGS, ALTER_CONFIGS);
            case CLUSTER ->
                EnumSet.of(CREATE, CLUSTER_ACTION, DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE, ALTER, DESCRIBE);
            case TRANSACTIONAL_ID -> EnumSet.of(DESCRIBE, WRITE, TWO_PHASE_COMMIT);
            case DELEGATION_TOKEN -> EnumSet.of(DESCRIBE);
            case USER -> EnumSet.of(CREATE_TOKENS, DESCRIBE_TOKENS);
            default -> throw new IllegalArgumentException("no operations on " + type);
        };
    }
}
