package io.odradek.api.group;

import io.odradek.api.RequestContext;
import io.odradek.group.ClassicCaller;

/** Who sent a request of the classic protocol, as groups remember and DescribeGroups shows it. */
final class ClassicCallers {
    private ClassicCallers() {}

    static ClassicCaller of(RequestContext context) {
        return new ClassicCaller(
                context.clientId(),
                // With a slash in front, as Kafka shows it.
                context.client().address().getAddress().toString(),
                context.apiVersion());
    }
}
