/** fish reads candidates and descriptions in the printed format, and replaces the whole word. */
export const FISH = `# fish completion of mkimage: mkimage completion fish | source
function __mkimage_complete
    set -l typed (commandline -ct)
    set -l words (commandline -opc) "$typed"
    set -l program $words[1]
    set -l prefix ''
    set -l value $typed
    if string match -qr '^--[^=]+=' -- $typed
        set prefix (string replace -r '=.*' '=' -- $typed)
        set value (string replace -r '^[^=]*=' '' -- $typed)
    end
    for entry in ($program __complete -- $words[2..-1] 2>/dev/null)
        switch $entry
            case ':none'
            case ':files'
                for path in (__fish_complete_path $value)
                    echo $prefix$path
                end
            case ':directories'
                for path in (__fish_complete_directories $value)
                    echo $prefix$path
                end
            case '*'
                echo $entry
        end
    end
end
complete -c mkimage -f -a '(__mkimage_complete)'
`;
