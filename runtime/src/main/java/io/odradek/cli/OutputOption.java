package io.odradek.cli;

import picocli.CommandLine.Option;

/** Text for people or JSON for programs. */
final class OutputOption {
    enum Format {
        TEXT,
        JSON
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json. Default: ${DEFAULT-VALUE}.")
    private Format format;

    boolean json() {
        return format == Format.JSON;
    }

    /** Prints the one form or the other; only the chosen one is made. */
    void print(Terminal terminal, java.util.function.Supplier<Object> json, Runnable text) {
        if (json()) {
            terminal.print(Json.pretty(json.get()));
            terminal.println("");
        } else {
            text.run();
        }
    }
}
