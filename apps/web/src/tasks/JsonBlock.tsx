import { Button, ClipboardCopyButton, CodeBlock, CodeBlockAction, CodeBlockCode } from '@patternfly/react-core'
import { DownloadIcon } from '@patternfly/react-icons'
import { useMemo, useState } from 'react'
import { formatJson } from '../json/print.ts'

/** More text than this makes a page slow, and nobody reads it there. */
const shownAtMost = 200_000

interface TextBlockProps {
	readonly id: string
	readonly name: string
	readonly text: string
	/** Offers the text as a file of this name. */
	readonly fileName?: string
}

/** Text in a monospaced block, to read, copy and download whole. */
export function TextBlock({ id, name, text, fileName }: TextBlockProps) {
	const [copied, setCopied] = useState(false)
	const isCut = text.length > shownAtMost
	const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true))
	return (
		<CodeBlock
			className="ty-code-block"
			actions={
				<>
					<span className="ty-code-title">{name}</span>
					<CodeBlockAction>
						<ClipboardCopyButton
							id={`${id}-copy`}
							textId={id}
							aria-label={`Copy ${name}`}
							variant="plain"
							onClick={copy}
							onTooltipHidden={() => setCopied(false)}
						>
							{copied ? 'Copied' : 'Copy'}
						</ClipboardCopyButton>
						{fileName && (
							<Button variant="plain" icon={<DownloadIcon />} aria-label={`Download ${name}`} onClick={() => download(text, fileName)} />
						)}
					</CodeBlockAction>
				</>
			}
		>
			<CodeBlockCode id={id} tabIndex={0} role="group" aria-label={name} className="ty-code">
				{isCut ? text.slice(0, shownAtMost) : text}
			</CodeBlockCode>
			{isCut && <p className="ty-quiet">Only the beginning is shown. Copy{fileName ? ' and download' : ''} hold all of it.</p>}
		</CodeBlock>
	)
}

/** JSON indented for reading. */
export function JsonBlock({ text, ...props }: TextBlockProps) {
	const pretty = useMemo(() => formatJson(text), [text])
	return <TextBlock text={pretty} {...props} />
}

function download(text: string, fileName: string) {
	const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
	const link = document.createElement('a')
	link.href = url
	link.download = fileName
	link.click()
	URL.revokeObjectURL(url)
}
